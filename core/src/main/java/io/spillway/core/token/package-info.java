/**
 * LiveKit's access tokens: JWTs signed with HS256 (RFC 7515, RFC 7518 3.2, RFC 7519). In: an API
 * key and claims, or a token that a stranger sent. Out: a signed token, or who sent it and what
 * they may do. Never talks to anyone, never tells a secret.
 */
@NullMarked
package io.spillway.core.token;

import org.jspecify.annotations.NullMarked;
