/**
 * livekit/egress nodes in the fleet. In come their claims, what the store holds of the starts that
 * they were chosen for, and what they list when asked; out go what each one's next claim is worth,
 * which of their egresses are lost, and their health for people. Never trusts a claim by itself,
 * and never sends a node more than LiveKit's own messages.
 */
@NullMarked
package io.spillway.controller.gonode;

import org.jspecify.annotations.NullMarked;
