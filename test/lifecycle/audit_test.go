package lifecycle_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/platform/audit"
	"github.com/skep-dev/skep/test/clustertest"
)

// operation identifies the calls and audit lines of one operation by one principal.
type operation struct{ principal, service, name string }

// lines returns the audit lines of all services, and the times of the lines before a
// call, by operation.
func lines(t *testing.T, s *clustertest.Suite) (all []audit.Line, before map[operation][]time.Time) {
	t.Helper()
	before = make(map[operation][]time.Time)
	for _, name := range names {
		js, err := jetstream.New(s.NATS(name))
		require.NoError(t, err)
		require.NoError(t, audit.Read(s.Context, js, func(page audit.Page) error {
			require.Equal(t, name, page.Service)
			for _, line := range page.Lines {
				all = append(all, line)
				if line.Phase == audit.Before {
					what := operation{page.Principal, line.API, line.Operation}
					before[what] = append(before[what], line.Time)
				}
			}
			return nil
		}))
		verdict, err := audit.Verify(s.Context, js)
		require.NoError(t, err)
		require.Empty(t, verdict.Broken)
	}
	return all, before
}

// unaccounted matches each mutating call that reached AWS with an earlier audit line, and
// returns the number of lines without a call.
func unaccounted(t *testing.T, s *clustertest.Suite, before map[operation][]time.Time) int {
	t.Helper()
	calls := make(map[operation][]time.Time)
	for _, call := range s.AWS.Mutations() {
		what := operation{call.Principal, call.Service, call.Operation}
		calls[what] = append(calls[what], call.At)
	}
	require.NotEmpty(t, calls)
	spare := 0
	for what, times := range calls {
		written := before[what]
		slices.SortFunc(written, time.Time.Compare)
		require.GreaterOrEqual(t, len(written), len(times), "%v has fewer lines than calls", what)
		for i, at := range times {
			require.False(t, written[i].After(at), "%v was called at %s before its line was written", what, at)
		}
		spare += len(written) - len(times)
	}
	for what := range maps.Keys(before) {
		if calls[what] == nil {
			spare += len(before[what])
		}
	}
	return spare
}

func TestEveryMutatingCallHasOneAuditLineBeforeIt(t *testing.T) {
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		s.Create(t)
		s.WaitUntil(t, clustertest.IsReady)
		s.Delete(t)
		s.WaitUntil(t, clustertest.IsDeleted)
		time.Sleep(time.Minute)

		all, before := lines(t, s)
		require.Zero(t, unaccounted(t, s, before))
		require.Len(t, all, 2*len(s.AWS.Mutations()), "each call has a line before and a line after")
		for _, line := range all {
			require.True(t, strings.HasPrefix(line.Record, clustertest.Organization+"/"), "%s is on behalf of %q", line.Operation, line.Record)
			require.NotEmpty(t, line.Step, line.Operation)
			require.NotEmpty(t, line.Intent, line.Operation)
			require.Equal(t, clustertest.Organization+"/accounts/main", line.Account)
			if line.Phase == audit.After {
				require.Equal(t, audit.Done, line.Outcome, line.Operation)
				require.NotEmpty(t, line.RequestID, line.Operation)
			}
		}
	})
}

func TestACrashLeavesNoCallWithoutAnAuditLine(t *testing.T) {
	for _, after := range []bool{false, true} {
		clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
			died := killAt(s, "network", "CreateSubnet", after)
			s.Create(t)
			s.WaitUntil(t, clustertest.IsReady)
			require.True(t, died())
			time.Sleep(time.Minute)
			all, before := lines(t, s)
			unaccounted(t, s, before)
			require.Less(t, len(all), 2*len(slices.Concat(slices.Collect(maps.Values(before))...)), "no replica was killed during a call")
		})
	}
}

func TestNoCallWithoutAnAuditLine(t *testing.T) {
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		admin := s.Admin("network")
		js, err := jetstream.New(admin)
		require.NoError(t, err)
		require.NoError(t, js.DeleteStream(s.Context, audit.Stream))
		s.Create(t)
		time.Sleep(10 * time.Minute)
		for _, call := range s.AWS.Mutations() {
			require.NotEqual(t, "skep-network", call.Principal, "%s was called without a line", call.Operation)
		}
	})
}
