package io.spillway.rtc.session;

import io.spillway.rtc.TrackEvents.End;
import io.spillway.rtc.session.SessionEvent.Clock;
import java.time.Duration;

/** What the shell has to do after a transition, in order. */
sealed interface SessionEffect {
  /**
   * Waits its turn among the joins of the process, then opens a transport and signalling, and sets
   * {@link Clock#STEP} to {@link SessionMachine#JOIN_LIMIT}.
   */
  record Join() implements SessionEffect {}

  /** Opens signalling to take the session up again. */
  record Resume() implements SessionEffect {}

  /** Closes signalling without a word: the server keeps the participant for a while. */
  record DropSignal() implements SessionEffect {}

  record DropTransport() implements SessionEffect {}

  /** Asks the server for the track. */
  record Subscribe() implements SessionEffect {}

  record RestartIce() implements SessionEffect {}

  /** Sets a clock, instead of how it was set before. */
  record Start(Clock clock, Duration limit) implements SessionEffect {}

  /** Sets {@link Clock#BACK_OFF} to a pause that grows with the attempt. */
  record Pause(int attempt) implements SessionEffect {}

  record Stop(Clock clock) implements SessionEffect {}

  record TellSubscribed() implements SessionEffect {}

  record TellReconnecting(boolean underWay) implements SessionEffect {}

  /** Leaves the room, gives out what is whole, closes everything, tells the end. */
  record Finish(End end) implements SessionEffect {}
}
