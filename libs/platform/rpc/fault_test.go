package rpc_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/platform/fault"
)

func TestAFaultReachesTheCallerUnchanged(t *testing.T) {
	t.Parallel()
	for name, sent := range map[string]*fault.Fault{
		"with every field": {Kind: fault.Exhausted, Class: fault.Quota, Message: "too many VPCs", Operation: "ec2 CreateVpc",
			AWSCode: "VpcLimitExceeded", RequestID: "r-1", Remedy: "Raise the quota L-F678F1CE.", Uncertain: true},
		"with bad fields": fault.InvalidFields(fault.Field{Path: "spec.vpc.cidr", Message: "is not a range"}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wrapped := fmt.Errorf("wrapped text stays here: %w", sent.Because(io.ErrUnexpectedEOF))
			s := &service{
				get:   func(context.Context) error { return wrapped },
				watch: func(grpc.ServerStreamingServer[networkv1.WatchNetworksResponse]) error { return wrapped },
			}
			inBubble(t, s, func(t *testing.T, p *process) {
				_, err := p.GetNetwork(t.Context(), getOrchid)
				require.Equal(t, sent, received(t, err))

				stream, err := p.WatchNetworks(t.Context(), watchAcme)
				require.NoError(t, err)
				_, err = stream.Recv()
				require.Equal(t, sent, received(t, err))
			})
		})
	}
}

// received returns the fault that a call returned, which must not be wrapped.
func received(t *testing.T, err error) *fault.Fault {
	t.Helper()
	require.ErrorAs(t, err, new(*fault.Fault))
	return fault.Of(err)
}

func TestTheTextOfAnInternalErrorStaysInTheLog(t *testing.T) {
	log := captureLog(t)
	broken := errors.New("the disk of node-7 is full")
	s := &service{
		get:   func(context.Context) error { return broken },
		watch: func(grpc.ServerStreamingServer[networkv1.WatchNetworksResponse]) error { return broken },
	}
	inBubble(t, s, func(t *testing.T, p *process) {
		_, err := p.GetNetwork(t.Context(), getOrchid)
		require.Equal(t, fault.Internal, received(t, err).Kind)
		require.Equal(t, "internal error", err.Error())
		stream, err := p.WatchNetworks(t.Context(), watchAcme)
		require.NoError(t, err)
		_, err = stream.Recv()
		require.Equal(t, fault.Internal, received(t, err).Kind)
		require.Equal(t, "internal error", err.Error())
	})
	for _, method := range []string{"GetNetwork", "WatchNetworks"} {
		require.Contains(t, log.String(), "level=ERROR msg=call method=/skep.network.v1.NetworkService/"+method+" code=Internal")
	}
	require.Equal(t, 2, strings.Count(log.String(), `cause="the disk of node-7 is full"`))
}

func TestEveryCallIsLoggedInOneLineWithoutItsPayload(t *testing.T) {
	log := captureLog(t)
	slow := &service{get: func(context.Context) error { time.Sleep(time.Second); return nil }}
	inBubble(t, slow, func(t *testing.T, p *process) {
		_, err := p.GetNetwork(t.Context(), getOrchid)
		require.NoError(t, err)
	})
	require.Equal(t, 1, strings.Count(log.String(), "msg=call"))
	require.Contains(t, log.String(), "level=INFO msg=call method=/skep.network.v1.NetworkService/GetNetwork code=OK duration=1s\n")
	require.NotContains(t, log.String(), "orchid")
	require.NotContains(t, log.String(), adminToken)
}

func TestAPanicIsAnInternalErrorAndTheServerContinues(t *testing.T) {
	log := captureLog(t)
	s := &service{
		get:   func(context.Context) error { panic("nil map of node-7") },
		apply: func(*networkv1.Network) error { return nil },
		watch: func(grpc.ServerStreamingServer[networkv1.WatchNetworksResponse]) error { panic("nil map of node-7") },
	}
	inBubble(t, s, func(t *testing.T, p *process) {
		_, err := p.GetNetwork(t.Context(), getOrchid)
		require.Equal(t, "internal error", received(t, err).Error())
		stream, err := p.WatchNetworks(t.Context(), watchAcme)
		require.NoError(t, err)
		_, err = stream.Recv()
		require.Equal(t, "internal error", received(t, err).Error())

		s.get = nil
		_, err = p.GetNetwork(t.Context(), getOrchid)
		require.NoError(t, err)
	})
	require.Equal(t, 2, strings.Count(log.String(), `panic="nil map of node-7"`))
	require.Contains(t, log.String(), "fault_test.go")
}

func TestAnUnknownMethodIsNotAnInternalError(t *testing.T) {
	log := captureLog(t)
	inBubble(t, &service{}, func(t *testing.T, p *process) {
		_, err := p.ListNetworks(t.Context(), &networkv1.ListNetworksRequest{Parent: "organizations/acme"})
		require.ErrorContains(t, err, "method ListNetworks not implemented")
	})
	require.Contains(t, log.String(), "code=Unimplemented")
}

func TestACallWithoutADeadlineGetsOne(t *testing.T) {
	t.Parallel()
	waits := func(ctx context.Context) error { <-ctx.Done(); return fmt.Errorf("wait: %w", ctx.Err()) }
	inBubble(t, &service{get: waits}, func(t *testing.T, p *process) {
		start := time.Now()
		_, err := p.GetNetwork(t.Context(), getOrchid)
		require.Equal(t, 30*time.Second, time.Since(start))
		require.Equal(t, fault.Unavailable, received(t, err).Kind)
		require.True(t, received(t, err).Uncertain)
	})
}

func TestACallerThatGivesUpGetsTheErrorOfItsContext(t *testing.T) {
	t.Parallel()
	waits := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	s := &service{get: waits, watch: func(stream grpc.ServerStreamingServer[networkv1.WatchNetworksResponse]) error {
		return waits(stream.Context())
	}}
	inBubble(t, s, func(t *testing.T, p *process) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := p.GetNetwork(ctx, getOrchid)
		require.ErrorIs(t, err, context.DeadlineExceeded)

		watch, stop := context.WithCancel(t.Context())
		stream, err := p.WatchNetworks(watch, watchAcme)
		require.NoError(t, err)
		stop()
		_, err = stream.Recv()
		require.ErrorIs(t, err, context.Canceled)
	})
}

func TestAnIdempotentCallIsRetriedWhenUnavailable(t *testing.T) {
	t.Parallel()
	calls := 0
	s := &service{get: func(context.Context) error {
		if calls++; calls < 3 {
			return fault.Unavailablef("not now")
		}
		return nil
	}}
	inBubble(t, s, func(t *testing.T, p *process) {
		_, err := p.GetNetwork(t.Context(), getOrchid)
		require.NoError(t, err)
		require.Equal(t, 3, calls)
	})
}

// captureLog collects the log of the process until the test ends. Such tests do not run in parallel.
func captureLog(t *testing.T) *strings.Builder {
	t.Helper()
	log, before := new(strings.Builder), slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return log
}
