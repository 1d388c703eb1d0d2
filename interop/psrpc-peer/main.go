// psrpc-peer is the other side of our tests and measurements: LiveKit's own Go psrpc, driven by flags.
//
//	psrpc-peer serve -redis host:port -id NAME [-affinity 0.5] [-service Peer]
//	psrpc-peer call  -redis host:port -method Queue [-topic T] [-body B] [-callers 1] [-calls 100 | -seconds 5]
//	psrpc-peer egress -redis host:port -id NAME [-affinity 0.5]
//	psrpc-peer node  -redis host:port -id NAME [-affinity 0.5] [-wedge mute|deaf]
//	psrpc-peer storm -redis host:port -method Queue [-topic T] [-timeout 3s]
//
// serve prints "ready", runs until its standard input ends, and then prints "handled N": how many
// requests its handlers were given. call prints one line of JSON. egress
// bids for livekit-server's StartEgress as a Go node would, prints "started EG_..." for what it won,
// and records nothing. node does all that a livekit/egress node does on the bus, and prints
// "started EG_... RETRY" and "aborted EG_...". storm prints "ready" and then, for each line "callers calls late pause"
// of its standard input, one line of JSON: so many callers make so many calls each, with a pause of
// so many milliseconds after each, and each late-th has a body that begins with "late" (0: none).
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"sort"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/livekit/psrpc"
	"github.com/livekit/psrpc/pkg/client"
	"github.com/livekit/psrpc/pkg/info"
	"github.com/livekit/psrpc/pkg/metadata"
	"github.com/livekit/psrpc/pkg/rand"
	"github.com/livekit/psrpc/pkg/server"
	"github.com/redis/go-redis/v9"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

type text = *wrapperspb.StringValue

// handled counts the requests that this process's handlers were given.
var handled atomic.Int64

// methods of the test service: one of each kind that egress uses.
func define(service, id string) *info.ServiceDefinition {
	sd := &info.ServiceDefinition{Name: service, ID: id}
	sd.RegisterMethod("Queue", false, false, true, true)
	sd.RegisterMethod("Best", true, false, true, false)
	sd.RegisterMethod("First", false, false, true, false)
	sd.RegisterMethod("Bare", false, false, false, true)
	sd.RegisterMethod("All", false, true, false, false)
	// IOInfo's, with a StringValue in place of EgressInfo: both have a string as their field 1, which is all we fill.
	sd.RegisterMethod("UpdateEgress", false, false, true, true)
	return sd
}

func main() {
	if len(os.Args) < 2 {
		fail(errors.New("usage: psrpc-peer serve|call|egress|node|storm [flags]"))
	}
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	address := flags.String("redis", "127.0.0.1:6379", "host:port")
	service := flags.String("service", "Peer", "psrpc service")
	id := flags.String("id", rand.NewServerID(), "server id")
	affinity := flags.Float64("affinity", 1, "bid of Best")
	method := flags.String("method", "Queue", "method to call")
	topic := flags.String("topic", "", "topic to serve or call")
	body := flags.String("body", "hello", "text of the request")
	callers := flags.Int("callers", 1, "calls at once")
	calls := flags.Int("calls", 100, "calls in all, without -seconds")
	seconds := flags.Float64("seconds", 0, "how long to call")
	wedge := flags.String("wedge", "", "node: mute or deaf")
	timeout := flags.Duration("timeout", 3*time.Second, "of a call")
	fail(flags.Parse(os.Args[2:]))

	redisClient := redis.NewClient(&redis.Options{Addr: *address})
	fail(redisClient.Ping(context.Background()).Err())
	bus := psrpc.NewRedisMessageBus(redisClient)
	topics := []string{}
	if *topic != "" {
		topics = []string{*topic}
	}
	switch os.Args[1] {
	case "serve":
		serve(bus, *service, *id, topics, float32(*affinity))
	case "egress":
		egress(bus, *id, float32(*affinity))
	case "node":
		runNode(bus, *id, float32(*affinity), *wedge)
	case "call", "storm":
		c, err := client.NewRPCClient(define(*service, rand.NewClientID()), bus)
		fail(err)
		time.Sleep(300 * time.Millisecond) // psrpc doesn't say when it is subscribed
		load := &load{client: c, method: *method, topics: topics, body: *body, timeout: *timeout}
		if os.Args[1] == "storm" {
			storm(load)
		} else {
			load.run(*callers, *calls, time.Duration(*seconds*float64(time.Second)))
		}
	default:
		fail(errors.New("unknown command " + os.Args[1]))
	}
}

func serve(bus psrpc.MessageBus, service, id string, topics []string, affinity float32) {
	s := server.NewRPCServer(define(service, id), bus)
	bid := func(context.Context, text) float32 { return affinity }
	for _, method := range []string{"Queue", "First", "Bare", "All"} {
		fail(server.RegisterHandler[text, text](s, method, topics, answer(id), nil))
	}
	fail(server.RegisterHandler[text, text](s, "Best", topics, answer(id), bid))
	done := func(context.Context, text) (text, error) {
		handled.Add(1)
		return &wrapperspb.StringValue{}, nil
	}
	fail(server.RegisterHandler[text, text](s, "UpdateEgress", topics, done, nil))
	time.Sleep(300 * time.Millisecond)
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	fmt.Println("handled", handled.Load())
	s.Close(true)
}

// egress needs no more of the messages than the id, which is field 1 of the request and of the
// answer (livekit/protocol rpc/egress.proto, livekit_egress.proto): a StringValue reads and writes it.
func egress(bus psrpc.MessageBus, id string, affinity float32) {
	sd := &info.ServiceDefinition{Name: "EgressInternal", ID: id}
	sd.RegisterMethod("StartEgress", true, false, true, false)
	s := server.NewRPCServer(sd, bus)
	start := func(_ context.Context, request text) (text, error) {
		fmt.Println("started", request.Value)
		return wrapperspb.String(request.Value), nil
	}
	bid := func(context.Context, text) float32 { return affinity }
	fail(server.RegisterHandler[text, text](s, "StartEgress", []string{""}, start, bid))
	time.Sleep(300 * time.Millisecond)
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	s.Close(true)
}

// answer says who answers what, or fails as the request's text says.
func answer(id string) func(context.Context, text) (text, error) {
	return func(ctx context.Context, request text) (text, error) {
		handled.Add(1)
		switch request.Value {
		case "coded":
			return nil, psrpc.NewError(psrpc.NotFound, errors.New("nothing here"), wrapperspb.String("detail"))
		case "uncoded":
			return nil, errors.New("just so")
		}
		said := ""
		if head := metadata.IncomingHeader(ctx); head != nil {
			said = head.Metadata["k"]
		}
		return wrapperspb.String(id + ":" + request.Value + ":" + said), nil
	}
}

type load struct {
	client  *client.RPCClient
	method  string
	topics  []string
	body    string
	timeout time.Duration

	mu     sync.Mutex
	ok     int
	failed int
	took   []time.Duration
	first  string
	error  string
	code   string
}

type result struct {
	Ok          int     `json:"ok"`
	Failed      int     `json:"failed"`
	Seconds     float64 `json:"seconds"`
	PerSecond   float64 `json:"per_second"`
	P50Micros   int64   `json:"p50_us"`
	P99Micros   int64   `json:"p99_us"`
	CPUPerCall  float64 `json:"cpu_us_per_call"`
	First       string  `json:"first"`
	FirstFailed string  `json:"first_failed"`
	Code        string  `json:"code"`
}

func (l *load) run(callers, calls int, duration time.Duration) {
	begin, cpu := time.Now(), cpuTime()
	left := int64(calls)
	var all sync.WaitGroup
	for range callers {
		all.Add(1)
		go func() {
			defer all.Done()
			for {
				if duration > 0 && time.Since(begin) >= duration {
					return
				}
				if duration == 0 && atomic.AddInt64(&left, -1) < 0 {
					return
				}
				l.once(l.body)
			}
		}()
	}
	all.Wait()
	took := time.Since(begin)
	sort.Slice(l.took, func(i, j int) bool { return l.took[i] < l.took[j] })
	done := l.ok + l.failed
	fail(json.NewEncoder(os.Stdout).Encode(result{
		Ok: l.ok, Failed: l.failed, Seconds: took.Seconds(), PerSecond: float64(l.ok) / took.Seconds(),
		P50Micros: l.percentile(50), P99Micros: l.percentile(99),
		CPUPerCall: float64((cpuTime() - cpu).Microseconds()) / float64(max(done, 1)),
		First:      l.first, FirstFailed: l.error, Code: l.code,
	}))
}

func (l *load) once(body string) {
	ctx := metadata.NewContextWithOutgoingMetadata(context.Background(), metadata.Metadata{"k": "go"})
	begin := time.Now()
	answer, err := l.call(ctx, body)
	took := time.Since(begin)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		l.ok++
		l.took = append(l.took, took)
		l.first = answer
		return
	}
	l.failed++
	l.error = err.Error()
	var coded psrpc.Error
	if errors.As(err, &coded) {
		l.code = fmt.Sprintf("%s/%d", coded.Code(), len(coded.DetailsProto()))
	}
}

func (l *load) call(ctx context.Context, body string) (string, error) {
	request, option := wrapperspb.String(body), psrpc.WithRequestTimeout(l.timeout)
	if l.method != "All" {
		answer, err := client.RequestSingle[text](ctx, l.client, l.method, l.topics, request, option)
		return answer.GetValue(), err
	}
	answers, err := client.RequestMulti[text](ctx, l.client, l.method, l.topics, request, option)
	if err != nil {
		return "", err
	}
	said := []string{}
	for each := range answers {
		said = append(said, each.Result.GetValue())
	}
	sort.Strings(said)
	return fmt.Sprint(said), nil
}

func (l *load) percentile(p int) int64 {
	if len(l.took) == 0 {
		return 0
	}
	return l.took[min(len(l.took)-1, len(l.took)*p/100)].Microseconds()
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	fail(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "psrpc-peer:", err)
		os.Exit(1)
	}
}
