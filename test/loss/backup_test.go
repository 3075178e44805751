package loss_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/platform/backup"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/platform/topology"
	"github.com/skep-dev/skep/test/clustertest"
)

func TestARestoredBackupTakesTheClustersIntoUseAgain(t *testing.T) {
	clustertest.Run(t, clustertest.Options{HighWaterMark: t.TempDir()}, func(t *testing.T, s *clustertest.Suite) {
		file := filepath.Join(t.TempDir(), "backup")
		s.Create(t)
		time.Sleep(30 * time.Second)
		taken, err := backup.Take(s.Context, s.ConnectAdmin(), topology.Suite(), file)
		require.NoError(t, err)
		info, err := os.Stat(file)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

		// The backup lacks the following changes.
		s.WaitUntil(t, clustertest.IsReady)
		first := alive(s)
		require.NoError(t, declare(t, s))
		time.Sleep(5 * time.Minute)
		before := alive(s)
		s.LoseStore()
		s.AWS.ResetCalls()

		restored, err := backup.Restore(s.Context, s.ConnectAdmin(), topology.Suite(), file, backup.Options{})
		require.NoError(t, err)
		require.Equal(t, "test", restored.Installation)
		require.Equal(t, taken.Time, restored.Time)
		s.StartAll()
		time.Sleep(10 * time.Minute)
		require.Empty(t, s.AWS.Mutations())
		for _, replica := range s.Running("network") {
			require.ErrorContains(t, replica.RolledBack(), "was restored from the backup of")
		}

		accept(t, s)
		s.WaitUntil(t, clustertest.IsReady)
		time.Sleep(5 * time.Minute)
		require.Equal(t, before, alive(s))
		require.Empty(t, duplicates(s))
		require.Empty(t, deletes(s))

		s.Delete(t)
		s.WaitUntil(t, clustertest.IsDeleted)
		require.Equal(t, slices.DeleteFunc(before, func(resource string) bool { return slices.Contains(first, resource) }), alive(s),
			"resources created after the backup remain")
	})
}

func TestARestoreRefusesAStoreThatIsNotEmpty(t *testing.T) {
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		file := filepath.Join(t.TempDir(), "backup")
		_, err := backup.Take(s.Context, s.ConnectAdmin(), topology.Suite(), file)
		require.NoError(t, err)
		_, err = backup.Restore(s.Context, s.ConnectAdmin(), topology.Suite(), file, backup.Options{})
		require.True(t, fault.Is(err, fault.Precondition), "%v", err)
		require.ErrorContains(t, err, "is not empty")
	})
}

// The services run while the restore replaces their state.
func TestAForcedRestoreStopsServicesUntilItIsAccepted(t *testing.T) {
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		file := filepath.Join(t.TempDir(), "backup")
		_, err := backup.Take(s.Context, s.ConnectAdmin(), topology.Suite(), file)
		require.NoError(t, err)
		s.Create(t)
		s.WaitUntil(t, clustertest.IsReady)
		before := alive(s)
		lines, _ := audited(t, s)
		s.AWS.ResetCalls()
		_, err = backup.Restore(s.Context, s.ConnectAdmin(), topology.Suite(), file, backup.Options{Force: true})
		require.NoError(t, err)
		time.Sleep(10 * time.Minute)
		require.Empty(t, s.AWS.Mutations())
		require.Error(t, declare(t, s))
		accept(t, s)
		time.Sleep(10 * time.Minute)
		require.Equal(t, before, alive(s), "the cluster has no record, and its resources remain")
		after, broken := audited(t, s)
		require.Equal(t, lines, after, "a restore removes no audit line")
		require.Empty(t, broken)
	})
}

func TestADamagedBackupIsRefusedBeforeAnyChange(t *testing.T) {
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		whole := filepath.Join(t.TempDir(), "backup")
		_, err := backup.Take(s.Context, s.ConnectAdmin(), topology.Suite(), whole)
		require.NoError(t, err)
		content, err := os.ReadFile(whole)
		require.NoError(t, err)
		for name, damage := range map[string]func([]byte) []byte{
			"truncated":      func(b []byte) []byte { return b[:len(b)/2] },
			"a byte changed": func(b []byte) []byte { b[len(b)-2048] ^= 1; return b },
			"bytes added":    func(b []byte) []byte { return append(slices.Clone(b[:len(b)-1024]), b...) },
			"another file":   func([]byte) []byte { return []byte("hello") },
			"empty":          func([]byte) []byte { return nil },
		} {
			file := filepath.Join(t.TempDir(), "damaged")
			require.NoError(t, os.WriteFile(file, damage(slices.Clone(content)), 0o600))
			_, err := backup.Restore(s.Context, s.ConnectAdmin(), topology.Suite(), file, backup.Options{Force: true})
			require.True(t, fault.Is(err, fault.Invalid), "%s: %v", name, err)
		}
		s.Create(t)
		s.WaitUntil(t, clustertest.IsReady)
	})
}
