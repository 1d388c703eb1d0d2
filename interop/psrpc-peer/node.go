package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/livekit/psrpc"
	"github.com/livekit/psrpc/pkg/client"
	"github.com/livekit/psrpc/pkg/info"
	"github.com/livekit/psrpc/pkg/rand"
	"github.com/livekit/psrpc/pkg/server"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
)

// Messages travel as Empty: what a message doesn't know it keeps and writes again. So no generated
// code is needed for the few fields that a node reads and fills (livekit/protocol rpc/egress.proto,
// livekit_egress.proto).
type message = *emptypb.Empty

const (
	starting = 0
	active   = 1
	ending   = 2
	complete = 3
)

// node does what a livekit/egress node does on the bus (livekit/egress pkg/server, pkg/info): it bids
// for starts, tells IOInfo of each before it answers, lists what it has, and ends it when told to.
type node struct {
	io    *client.RPCClient
	stops *server.RPCServer
	wedge string

	mu  sync.Mutex
	has map[string]message // by egress id: its EgressInfo without the status
}

// runNode runs one until its standard input ends. Wedged "mute" it takes starts and never reports
// them; wedged "deaf" its reports go out and their answers never come to it, as in the incident.
func runNode(bus psrpc.MessageBus, id string, affinity float32, wedge string) {
	io_ := &info.ServiceDefinition{Name: "IOInfo", ID: rand.NewClientID()}
	io_.RegisterMethod("CreateEgress", false, false, true, true)
	io_.RegisterMethod("UpdateEgress", false, false, true, true)
	reports, err := client.NewRPCClient(io_, bus)
	fail(err)
	handlers := &info.ServiceDefinition{Name: "EgressHandler", ID: id}
	handlers.RegisterMethod("StopEgress", false, false, true, true)
	n := &node{io: reports, stops: server.NewRPCServer(handlers, bus), wedge: wedge, has: map[string]message{}}

	internal := &info.ServiceDefinition{Name: "EgressInternal", ID: id}
	internal.RegisterMethod("StartEgress", true, false, true, false)
	internal.RegisterMethod("ListActiveEgress", false, true, false, false)
	s := server.NewRPCServer(internal, bus)
	bid := func(context.Context, message) float32 { return affinity }
	fail(server.RegisterHandler[message, message](s, "ListActiveEgress", []string{""}, n.list, nil))
	fail(server.RegisterHandler[message, message](s, "StartEgress", []string{""}, n.start, bid))
	time.Sleep(300 * time.Millisecond) // psrpc doesn't say when it is subscribed
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	s.Close(true)
}

func (n *node) start(ctx context.Context, request message) (message, error) {
	fields := read(request)
	id := string(fields[1])
	retry, _ := protowire.ConsumeVarint(fields[15])
	fmt.Printf("started %s %d\n", id, retry)
	now := uint64(time.Now().UnixNano())
	egress := write(
		str(1, id), str(2, string(fields[3])), str(13, string(fields[18])),
		number(10, now), number(27, retry), bytes(6, fields[7]))
	n.mu.Lock()
	n.has[id] = egress
	n.mu.Unlock()
	if n.wedge == "mute" {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	err := n.report("CreateEgress", egress, starting)
	if n.wedge == "deaf" {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if err != nil {
		n.forget(id)
		fmt.Println("aborted", id)
		return nil, err
	}
	stop := func(context.Context, message) (message, error) {
		n.forget(id)
		go func() {
			_ = n.report("UpdateEgress", egress, ending)
			_ = n.report("UpdateEgress", egress, complete)
		}()
		return with(egress, ending), nil
	}
	fail(server.RegisterHandler[message, message](n.stops, "StopEgress", []string{id}, stop, nil))
	go func() { _ = n.report("UpdateEgress", egress, active) }()
	return with(egress, starting), nil
}

func (n *node) list(context.Context, message) (message, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	ids := [][]byte{}
	for id := range n.has {
		ids = append(ids, str(1, id))
	}
	return write(ids...), nil
}

func (n *node) forget(id string) {
	n.mu.Lock()
	delete(n.has, id)
	n.mu.Unlock()
}

// report tries until it is answered: like a node, not for what an answer refuses.
func (n *node) report(method string, egress message, status uint64) error {
	for {
		_, err := client.RequestSingle[message](
			context.Background(), n.io, method, nil, with(egress, status),
			psrpc.WithRequestTimeout(5*time.Second))
		lost := errors.Is(err, psrpc.ErrRequestTimedOut) || errors.Is(err, psrpc.ErrNoResponse)
		if !lost || method == "CreateEgress" {
			return err
		}
	}
}

func with(egress message, status uint64) message {
	now := uint64(time.Now().UnixNano())
	known := write(number(3, status), number(18, now))
	if status == complete {
		known = write(number(3, status), number(18, now), number(11, now))
	}
	proto.Merge(known, egress)
	return known
}

func read(m message) map[protowire.Number][]byte {
	fields, rest := map[protowire.Number][]byte{}, []byte(m.ProtoReflect().GetUnknown())
	for len(rest) > 0 {
		number, kind, head := protowire.ConsumeTag(rest)
		size := protowire.ConsumeFieldValue(number, kind, rest[head:])
		if head < 0 || size < 0 {
			break
		}
		value := rest[head : head+size]
		if kind == protowire.BytesType {
			value, _ = protowire.ConsumeBytes(value)
		}
		fields[number] = value
		rest = rest[head+size:]
	}
	return fields
}

func write(fields ...[]byte) message {
	m := &emptypb.Empty{}
	all := []byte{}
	for _, field := range fields {
		all = append(all, field...)
	}
	m.ProtoReflect().SetUnknown(all)
	return m
}

func str(number protowire.Number, value string) []byte { return bytes(number, []byte(value)) }

func bytes(number protowire.Number, value []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), value)
}

func number(number protowire.Number, value uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, number, protowire.VarintType), value)
}
