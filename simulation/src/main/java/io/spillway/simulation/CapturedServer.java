package io.spillway.simulation;

import com.google.protobuf.Empty;
import com.google.protobuf.Message;
import io.spillway.protocol.fleet.TakeUpAnswer;
import io.spillway.protocol.fleet.TakeUpRequest;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMethod;
import io.spillway.rpc.RpcServer;
import io.spillway.rpc.fleet.FleetMethods;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Takes the handlers of the real status service, to call them without a bus. */
final class CapturedServer implements RpcServer {
  private final Map<String, Handler<EgressInfo, Empty>> reports = new HashMap<>();
  private Optional<Handler<TakeUpRequest, TakeUpAnswer>> takeUp = Optional.empty();

  /** What a node hears of its report. */
  enum Answer {
    TAKEN,
    /** To a first report only: this recorder is not wanted. */
    REFUSED,
    AGAIN
  }

  @Override
  @SuppressWarnings("unchecked") // the methods whose names are looked for have these types
  public <Q extends Message, R extends Message> Registration serve(
      RpcMethod<Q, R> method, String topic, Handler<Q, R> handler, Bidder<Q> bidder) {
    if (method.equals(EgressServices.CREATE_EGRESS)
        || method.equals(EgressServices.UPDATE_EGRESS)) {
      reports.put(method.name(), (Handler<EgressInfo, Empty>) handler);
    } else if (method.equals(FleetMethods.TAKE_UP)) {
      takeUp = Optional.of((Handler<TakeUpRequest, TakeUpAnswer>) handler);
    }
    return () -> {};
  }

  Answer report(boolean first, EgressInfo info, Map<String, String> metadata) {
    String method =
        first ? EgressServices.CREATE_EGRESS.name() : EgressServices.UPDATE_EGRESS.name();
    Handler<EgressInfo, Empty> handler = reports.get(method);
    if (handler == null) {
      throw new IllegalStateException("the status service does not serve " + method);
    }
    try {
      Empty _ =
          handler.handle(info, new Context("report", "node", metadata, Duration.ofSeconds(5)));
      return Answer.TAKEN;
    } catch (RpcException refused) {
      return switch (refused.code()) {
        case ABORTED, ALREADY_EXISTS, FAILED_PRECONDITION, PERMISSION_DENIED ->
            first ? Answer.REFUSED : Answer.AGAIN;
        default -> Answer.AGAIN;
      };
    } catch (InterruptedException impossible) {
      throw new IllegalStateException("nobody interrupts a simulation", impossible);
    }
  }

  /** What a restarted node is given; empty: it must ask again. */
  Optional<TakeUpAnswer> takeUp(TakeUpRequest request) {
    try {
      return Optional.of(
          takeUp
              .orElseThrow()
              .handle(request, new Context("take up", "node", Map.of(), Duration.ofSeconds(5))));
    } catch (RpcException again) {
      return Optional.empty();
    } catch (InterruptedException impossible) {
      throw new IllegalStateException("nobody interrupts a simulation", impossible);
    }
  }

  @Override
  public String id() {
    return "simulated";
  }

  @Override
  public void close(Duration wait) {}
}
