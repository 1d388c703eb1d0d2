/**
 * Who sits at a browser and what they may do. In: a token or an API key, once; then a cookie. Out:
 * a role, or a refusal in a sentence. Never keeps a session or a secret of anyone's.
 */
@NullMarked
package io.spillway.controller.session;

import org.jspecify.annotations.NullMarked;
