package process_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/platform/process"
)

var errBoom = errors.New("boom")

func waits(ctx context.Context) error {
	<-ctx.Done()
	return fmt.Errorf("wait: %w", ctx.Err())
}

func fails(context.Context) error { return errBoom }

func TestTheFirstFailureStopsTheOtherParts(t *testing.T) {
	t.Parallel()
	require.ErrorIs(t, process.All(t.Context(), waits, fails, waits), errBoom)
}

func TestAPanicIsAFailureWithItsStack(t *testing.T) {
	t.Parallel()
	err := process.All(t.Context(), waits, func(context.Context) error { panic("boom") })
	require.ErrorContains(t, err, "panic: boom")
	require.ErrorContains(t, err, "run_test.go")
}

func TestCancellationIsACleanStop(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, process.All(ctx, waits, waits))
}

func TestAFailureToStopIsAFailure(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := process.All(ctx, waits, func(ctx context.Context) error { <-ctx.Done(); return errBoom })
	require.ErrorIs(t, err, errBoom)
}

func TestCanceledWithoutAStopIsAFailure(t *testing.T) {
	t.Parallel()
	err := process.All(t.Context(), waits, func(context.Context) error { return context.Canceled })
	require.ErrorIs(t, err, context.Canceled)
}

func TestAFinishedPartLeavesTheOthersRunning(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		err := process.All(t.Context(),
			func(context.Context) error { return nil },
			func(ctx context.Context) error {
				select {
				case <-ctx.Done():
					return errBoom
				case <-time.After(time.Hour):
					return nil
				}
			})
		require.NoError(t, err)
		require.Equal(t, time.Hour, time.Since(start))
	})
}

func TestEveryPartHasEndedWhenAllReturns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log []string
		func() {
			defer func() { log = append(log, "close store") }()
			defer func() { log = append(log, "drain queue") }()
			slow := func(ctx context.Context) error {
				<-ctx.Done()
				time.Sleep(time.Minute) // a slow stop, in virtual time
				log = append(log, "stop server")
				return nil
			}
			require.ErrorIs(t, process.All(t.Context(), slow, fails), errBoom)
		}()
		require.Equal(t, []string{"stop server", "drain queue", "close store"}, log)
	})
}

// The process under test is this test binary; the environment variable selects the part to run.
const processVariable = "RUN_TEST_PROCESS"

func TestMainEndsTheProcess(t *testing.T) {
	t.Parallel()
	serve := map[string]func(context.Context) error{
		"stops after a signal": func(ctx context.Context) error {
			if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
				return err
			}
			return waits(ctx)
		},
		"returns": func(context.Context) error { return nil },
		"fails":   fails,
		"panics":  func(context.Context) error { panic("boom") },
	}
	if body := serve[os.Getenv(processVariable)]; body != nil {
		process.Main("test", body)
	}
	for name, want := range map[string]struct {
		code int
		log  string
	}{
		"stops after a signal": {0, "process stopped"},
		"returns":              {0, "process stopped"},
		"fails":                {1, "error=boom"},
		"panics":               {1, "panic: boom"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			process := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestMainEndsTheProcess$")
			process.Env = append(os.Environ(), processVariable+"="+name)
			output, err := process.CombinedOutput()
			if want.code != 0 {
				require.Error(t, err)
			}
			require.Equal(t, want.code, process.ProcessState.ExitCode(), "%s", output)
			require.Contains(t, string(output), want.log)
		})
	}
}
