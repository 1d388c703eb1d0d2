/**
 * The pages for people: what runs, what ran, why it failed and what to do. In: a session that was
 * signed in, the store, figures of {@code alert}. Out: static pages, JSON, a stream of events; and
 * the few acts that an administrator may ask for, which others carry out. Never shows a secret and
 * never decides about an egress.
 */
@NullMarked
package io.spillway.controller.dashboard;

import org.jspecify.annotations.NullMarked;
