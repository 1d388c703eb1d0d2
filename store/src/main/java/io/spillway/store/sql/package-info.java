/**
 * The store in SQL, one text for SQLite and PostgreSQL. In: calls of {@link
 * io.spillway.store.EgressStore}. Out: rows, durable before a call returns. What the two databases
 * do differently is how writes reach them ({@link io.spillway.store.sql.Writer}): SQLite has one
 * writer thread that groups commits, PostgreSQL a transaction per call. Never decides about
 * egresses beyond the order of their statuses.
 */
@NullMarked
package io.spillway.store.sql;

import org.jspecify.annotations.NullMarked;
