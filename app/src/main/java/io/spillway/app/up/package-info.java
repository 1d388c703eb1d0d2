/**
 * Controller and node in one process. In: a checked configuration. Out: a served API. Only puts
 * parts together; each decision is theirs.
 */
@NullMarked
package io.spillway.app.up;

import org.jspecify.annotations.NullMarked;
