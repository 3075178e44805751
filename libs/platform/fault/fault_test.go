package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/skep-dev/skep/libs/platform/fault"
)

func TestAFaultPassesGRPCUnchanged(t *testing.T) {
	t.Parallel()
	faults := map[string]*fault.Fault{
		"an invalid request": fault.InvalidFields(
			fault.Field{Path: "spec.region", Message: "is not a region"},
			fault.Field{Path: "spec.network.managed.cidr", Message: "is not a range"}),
		"a missing resource":        fault.NotFoundf("network %q does not exist", "orchid"),
		"a stale version":           fault.Conflictf("etag %q is not current", "7"),
		"an unknown caller":         fault.Unauthenticatedf("no token"),
		"a wait for another object": fault.Waitingf("network orchid has no subnets yet"),
		"an answer from AWS": {Kind: fault.Exhausted, Class: fault.Quota, Message: "too many VPCs", Operation: "ec2 CreateVpc",
			AWSCode: "VpcLimitExceeded", RequestID: "r-1", Remedy: "Raise the quota L-F678F1CE.", Uncertain: true},
		"a call that waits for its turn": {Kind: fault.Exhausted, Class: fault.Rate, Message: "place 3", RetryAfter: 90 * time.Second},
	}
	for name, sent := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wire := sent.GRPCStatus().Proto()
			got := fault.FromStatus(status.FromProto(wire).Err())
			received := fault.Of(got)
			require.Equal(t, sent.Kind, received.Kind)
			require.Equal(t, sent.Class, received.Class)
			require.Equal(t, sent.Message, received.Message)
			require.Equal(t, sent.Error(), received.Error())
			require.Equal(t, sent.Remedy, received.Remedy)
			require.Equal(t, sent.Fields, received.Fields)
			require.Equal(t, sent.Uncertain, received.Uncertain)
			require.Equal(t, sent.RetryAfter, received.RetryAfter)
			require.Equal(t, sent.Actor(), received.Actor())
		})
	}
}

func TestAnErrorWithoutAFaultIsInternal(t *testing.T) {
	t.Parallel()
	err := fault.Of(fmt.Errorf("read: %w", io.ErrUnexpectedEOF))
	require.Equal(t, fault.Internal, err.Kind)
	require.Equal(t, "internal error", err.Error())
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

func TestTheEffectOfACallPastItsDeadlineIsUncertain(t *testing.T) {
	t.Parallel()
	f := fault.Of(fault.FromStatus(status.Error(codes.DeadlineExceeded, "too late")))
	require.Equal(t, fault.Unavailable, f.Kind)
	require.True(t, f.Uncertain)
}

func TestIsFindsAWrappedFault(t *testing.T) {
	t.Parallel()
	require.True(t, fault.Is(fmt.Errorf("get: %w", fault.NotFoundf("deleted")), fault.NotFound))
	require.False(t, fault.Is(errors.New("deleted"), fault.NotFound))
}
