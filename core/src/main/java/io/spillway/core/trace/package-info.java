/**
 * The names under which a request can be followed: in log lines, answer headers and the metadata of
 * psrpc calls. Only names: whoever writes them has the values.
 */
@NullMarked
package io.spillway.core.trace;

import org.jspecify.annotations.NullMarked;
