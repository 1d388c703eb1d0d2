/**
 * The controller put together: API, dispatch and status over one store and one bus. In: HTTP
 * requests and the nodes' reports. Out: answers and stored truth. Never holds state that the store
 * can't rebuild.
 */
@NullMarked
package io.spillway.controller;

import org.jspecify.annotations.NullMarked;
