package io.spillway.rtc.ice;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Two agents on a network of seeds: nothing here waits for real. */
final class IceAgentTest {
  private static final long MILLISECOND = 1_000_000;
  private static final long SECOND = 1_000 * MILLISECOND;
  private static final InetSocketAddress ALICE = address("192.0.2.1", 1000);
  private static final InetSocketAddress BOB = address("192.0.2.2", 2000);

  @Test
  void twoFullAgentsFindEachOtherWhateverIsLost() {
    for (int seed = 0; seed < 300; seed++) {
      Network network = new Network(seed, 30);
      Agent alice = network.agent(ALICE);
      Agent bob = network.agent(BOB);
      alice.knows(BOB, 5);
      alice.knows(address("203.0.113.9", 9), 9); // dead, and liked better
      bob.knows(ALICE, 5);
      network.start(alice, true, bob, false);
      network.run(10 * SECOND);
      assertThat(alice.selected).as("seed %d", seed).containsExactly(BOB);
      assertThat(bob.selected).as("seed %d", seed).containsExactly(ALICE);
    }
  }

  @Test
  void aPathWithOneAddressIsFoundInOneRoundTrip() {
    Network network = new Network(1, 0);
    Agent alice = network.agent(ALICE);
    Agent bob = network.agent(BOB);
    alice.knows(BOB, 5);
    network.start(alice, true, bob, false);
    network.run(25 * MILLISECOND);
    assertThat(alice.selected).containsExactly(BOB);
    assertThat(alice.agent.roundTripNanos()).isEqualTo(20 * MILLISECOND);
    network.run(25 * MILLISECOND);
    assertThat(bob.selected).as("it learns our address from our check").containsExactly(ALICE);
  }

  @Test
  void twoAgentsThatBothWantToControlAgree() {
    for (int seed = 0; seed < 100; seed++) {
      for (boolean role : new boolean[] {true, false}) {
        Network network = new Network(seed, 10);
        Agent alice = network.agent(ALICE);
        Agent bob = network.agent(BOB);
        alice.knows(BOB, 5);
        bob.knows(ALICE, 5);
        network.start(alice, role, bob, role);
        network.run(10 * SECOND);
        assertThat(alice.selected).as("seed %d", seed).containsExactly(BOB);
        assertThat(bob.selected).as("seed %d", seed).containsExactly(ALICE);
        assertThat(alice.agent.isControlling()).isNotEqualTo(bob.agent.isControlling());
      }
    }
  }

  @Test
  void aPeerThatIsNowhereFailsAfterFifteenSecondsAndSaysWhatWasTried() {
    Network network = new Network(1, 100);
    Agent alice = network.agent(ALICE);
    alice.knows(BOB, 5);
    network.start(alice, true, network.agent(BOB), false);
    network.run(14_900 * MILLISECOND);
    assertThat(alice.failed).isEmpty();
    network.run(SECOND);
    assertThat(alice.failed)
        .containsExactly("no path to the peer in 15 s: 1 of its addresses tried, 0 answered");
  }

  @Test
  void silenceIsToldAfterFiveSecondsEndsWithAnAnswerAndFailsAfterThirty() {
    Network network = new Network(3, 0);
    Agent alice = network.agent(ALICE);
    alice.knows(BOB, 5);
    network.start(alice, true, network.agent(BOB), false);
    network.run(60 * SECOND);
    assertThat(alice.interruptions).isZero();
    assertThat(network.packets).as("consent is cheap").isLessThan(120);
    network.lossPercent = 100;
    network.run(9 * SECOND);
    assertThat(alice.interruptions).isEqualTo(1);
    network.lossPercent = 0;
    network.run(2 * SECOND);
    assertThat(alice.recoveries).isEqualTo(1);
    network.lossPercent = 100;
    network.run(26 * SECOND); // the last answer may be 3 s older than the loss
    assertThat(alice.failed).isEmpty();
    network.run(7 * SECOND);
    assertThat(alice.interruptions).isEqualTo(2);
    assertThat(alice.failed).containsExactly("the peer has not answered for 30 s");
  }

  @Test
  void aRestartFindsANewPathWhileTheOldCredentialsStillAnswer() {
    for (int seed = 0; seed < 50; seed++) {
      Network network = new Network(seed, 10);
      Agent alice = network.agent(ALICE);
      Agent bob = network.agent(BOB);
      alice.knows(BOB, 5);
      bob.knows(ALICE, 5);
      network.start(alice, false, bob, true);
      network.run(5 * SECOND);
      IceCredentials fresh = new IceCredentials("fresh-alice", "fresh-alice-password");
      alice.agent.prepareRestart(fresh);
      network.run(10 * SECOND);
      assertThat(bob.failed).isEmpty();
      assertThat(bob.interruptions).as("the peer goes on with the old ones").isZero();
      InetSocketAddress moved = address("192.0.2.77", 7);
      network.move(bob, moved);
      IceCredentials bobFresh = new IceCredentials("fresh-bob", "fresh-bob-password");
      bob.agent.prepareRestart(bobFresh);
      bob.agent.restart(fresh, network.nowNanos);
      bob.knows(ALICE, 5);
      alice.agent.restart(bobFresh, network.nowNanos);
      alice.knows(moved, 5);
      network.run(10 * SECOND);
      assertThat(alice.selected).as("seed %d", seed).containsExactly(BOB, moved);
      assertThat(bob.selected).containsExactly(ALICE, ALICE);
      assertThat(alice.recoveries).isEqualTo(1);
      network.run(60 * SECOND);
      assertThat(alice.failed).isEmpty();
    }
  }

  @Test
  void whoDoesNotKnowThePasswordIsNotAnsweredAndChangesNothing() {
    Network network = new Network(5, 0);
    Agent alice = network.agent(ALICE);
    Agent mallory = network.agent(address("192.0.2.66", 666));
    alice.knows(BOB, 5);
    network.start(alice, false, network.agent(BOB), true);
    byte[] forged =
        new StunWriter(StunMessage.BINDING_REQUEST, new byte[12])
            .username(alice.local.ufrag() + ":x")
            .priority(Long.MAX_VALUE)
            .role(StunMessage.ICE_CONTROLLING, -1)
            .useCandidate()
            .finish("guessed");
    StunMessage message = StunMessage.parse(forged, 0, forged.length).orElseThrow();
    assertThat(alice.agent.received(message, mallory.address, network.nowNanos)).isFalse();
    network.run(5 * SECOND);
    assertThat(alice.selected).containsExactly(BOB);
    assertThat(alice.agent.isKnown(mallory.address)).isFalse();
  }

  @Test
  void aPeerThatNamesAThousandAddressesIsCheckedAtABoundedFew() {
    Network network = new Network(5, 0);
    Agent alice = network.agent(ALICE);
    for (int port = 1; port <= 1000; port++) {
      alice.knows(address("203.0.113.1", port), port);
    }
    network.start(alice, true, network.agent(BOB), false);
    network.run(SECOND);
    assertThat(network.packets).isBetween(30, 201); // one each 5 ms at most
  }

  private static InetSocketAddress address(String host, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(host), port);
  }

  private static final class Agent implements IceAgent.Out {
    private final Network network;
    private final IceCredentials local;
    private final IceAgent agent;
    private final List<InetSocketAddress> selected = new ArrayList<>();
    private final List<String> failed = new ArrayList<>();
    private InetSocketAddress address;
    private int interruptions;
    private int recoveries;
    private long nextNanos;

    Agent(Network network, InetSocketAddress address) {
      this.network = network;
      this.address = address;
      this.local = IceCredentials.create(network.random);
      this.agent = new IceAgent(local, network.random, this);
    }

    void knows(InetSocketAddress peer, long priority) {
      agent.addCandidate(new Candidate(peer, priority), network.nowNanos);
      nextNanos = network.nowNanos;
    }

    @Override
    public void send(byte[] packet, InetSocketAddress to) {
      network.send(this, packet, to);
    }

    @Override
    public void selected(InetSocketAddress remote) {
      selected.add(remote);
    }

    @Override
    public void interrupted() {
      interruptions++;
    }

    @Override
    public void recovered() {
      recoveries++;
    }

    @Override
    public void failed(String why) {
      failed.add(why);
    }
  }

  /** 10 ms each way; loses and so reorders by chance; steps of a millisecond. */
  private static final class Network {
    private static final class Flying {
      private final long arrivesNanos;
      private final byte[] packet;
      private final InetSocketAddress from;
      private final InetSocketAddress to;

      Flying(long arrivesNanos, byte[] packet, InetSocketAddress from, InetSocketAddress to) {
        this.arrivesNanos = arrivesNanos;
        this.packet = packet;
        this.from = from;
        this.to = to;
      }
    }

    private final Random random;
    private final List<Agent> agents = new ArrayList<>();
    private final PriorityQueue<Flying> flying =
        new PriorityQueue<>(Comparator.comparingLong((Flying each) -> each.arrivesNanos));
    private int lossPercent;
    private long nowNanos = SECOND;
    private int packets;

    Network(int seed, int lossPercent) {
      this.random = new Random(seed);
      this.lossPercent = lossPercent;
    }

    Agent agent(InetSocketAddress address) {
      Agent agent = new Agent(this, address);
      agents.add(agent);
      return agent;
    }

    void move(Agent agent, InetSocketAddress to) {
      agent.address = to;
    }

    void start(Agent one, boolean oneControls, Agent other, boolean otherControls) {
      one.agent.remote(other.local, oneControls, nowNanos);
      other.agent.remote(one.local, otherControls, nowNanos);
    }

    void send(Agent from, byte[] packet, InetSocketAddress to) {
      packets++;
      if (random.nextInt(100) >= lossPercent) {
        flying.add(new Flying(nowNanos + 10 * MILLISECOND, packet, from.address, to));
      }
    }

    void run(long nanos) {
      for (long end = nowNanos + nanos; nowNanos < end; nowNanos += MILLISECOND) {
        while (!flying.isEmpty() && flying.peek().arrivesNanos <= nowNanos) {
          deliver(flying.remove());
        }
        for (Agent agent : agents) {
          if (nowNanos >= agent.nextNanos) {
            agent.nextNanos = agent.agent.tick(nowNanos);
          }
        }
      }
    }

    private void deliver(Flying packet) {
      StunMessage message = StunMessage.parse(packet.packet, 0, packet.packet.length).orElseThrow();
      for (Agent agent : agents) {
        if (agent.address.equals(packet.to)) {
          boolean unusedTaken = agent.agent.received(message, packet.from, nowNanos);
          agent.nextNanos = nowNanos;
        }
      }
    }
  }
}
