package io.spillway.rtc.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which of our addresses the kernel would use towards a peer. Connecting a UDP socket asks its
 * routing table without sending anything. Rejected: listing all interfaces, which offers container
 * bridges and VPNs that the peer can't reach and that slow ICE down.
 */
public final class LocalRoutes {
  /** Documentation addresses (RFC 5737, RFC 3849): routed like any far host, never a real one. */
  private static final List<byte[]> FAR_HOSTS =
      List.of(
          new byte[] {(byte) 192, 0, 2, 1},
          new byte[] {0x20, 0x01, 0x0d, (byte) 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});

  private static final int ANY_PORT = 9;

  private LocalRoutes() {}

  /**
   * Our addresses towards {@code peers}, in that order, then those of the default routes; each
   * once. Empty only on a machine without any network. Any thread; doesn't block.
   */
  public static List<InetAddress> towards(List<InetAddress> peers) {
    Set<InetAddress> found = new LinkedHashSet<>();
    peers.forEach(peer -> towards(peer).ifPresent(found::add));
    for (byte[] far : FAR_HOSTS) {
      address(far).flatMap(LocalRoutes::towards).ifPresent(found::add);
    }
    return new ArrayList<>(found);
  }

  private static Optional<InetAddress> address(byte[] bytes) {
    try {
      return Optional.of(InetAddress.getByAddress(bytes));
    } catch (IOException impossible) {
      return Optional.empty();
    }
  }

  private static Optional<InetAddress> towards(InetAddress peer) {
    try (DatagramChannel probe = DatagramChannel.open()) {
      probe.connect(new InetSocketAddress(peer, ANY_PORT));
      InetAddress local = ((InetSocketAddress) probe.getLocalAddress()).getAddress();
      return local.isAnyLocalAddress() || local.isLinkLocalAddress()
          ? Optional.empty()
          : Optional.of(local);
    } catch (IOException | UnsupportedAddressTypeException | UnresolvedAddressException noRoute) {
      return Optional.empty();
    }
  }
}
