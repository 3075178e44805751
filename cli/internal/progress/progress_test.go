package progress

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/require"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/libs/platform/fault"
)

func TestEveryChangeIsOneLineWithoutATerminal(t *testing.T) {
	t.Parallel()
	golden(t, "lines-create", lived(t, 200, creating, Options{}))
}

func TestDurationsAreScaledToAWSTime(t *testing.T) {
	t.Parallel()
	text := lived(t, 200, creating, Options{Scale: 10})
	require.Contains(t, text, "+18:10  network            nat-gateway/eu-central-1a              PENDING → READY  (took 17m)\n")
	require.Contains(t, text, "+31:40  orchid                                                    CREATING → READY  (took 31m)\n")
}

func TestDeletionIsShownUntilItsEnd(t *testing.T) {
	t.Parallel()
	golden(t, "lines-delete", lived(t, 25, deleting, Options{}))
}

// lived shows the snapshots of a cluster, one per second, starting at the epoch.
func lived(t *testing.T, seconds int, story func(int) *clusterv1.Cluster, o Options) string {
	t.Helper()
	var out bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(epoch))
		require.NoError(t, Show(t.Context(), &out, func(yield func(*clusterv1.Cluster, error) bool) {
			for second := range seconds {
				if !yield(story(second), nil) {
					return
				}
				time.Sleep(time.Second)
			}
		}, o))
	})
	return out.String()
}

func TestFailureIsShownWithItsRemedy(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, Show(t.Context(), &out, sequence(creating(0), failed()), Options{}))
	require.Contains(t, out.String(), "FAILED\n        The maximum number of addresses has been reached. (AddressLimitExceeded)\n        → Raise the quota")
}

func TestShowReturnsTheErrorOfTheSnapshots(t *testing.T) {
	t.Parallel()
	lost := fault.Unavailablef("the server is stopping")
	cut := func(yield func(*clusterv1.Cluster, error) bool) {
		_ = yield(creating(0), nil) && yield(nil, lost)
	}
	require.ErrorIs(t, Show(t.Context(), new(bytes.Buffer), cut, Options{}), lost)
}

func TestTreeFitsTheWindow(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]*clusterv1.Cluster{"creating": creating(60), "deleting": deleting(6), "failed": failed(), "ready": creating(200)} {
		for _, width := range []int{20, 40, 59, 60, 80, 120, 200} {
			for height := 4; height < 30; height++ {
				shown := draw(width, height, 60, c)
				lines := strings.Split(strings.TrimSuffix(shown, "\n"), "\n")
				require.LessOrEqual(t, len(lines), max(height-1, 4), "%s in %d×%d:\n%s", name, width, height, shown)
				for _, line := range lines {
					require.LessOrEqual(t, ansi.StringWidth(line), width, "%s in %d×%d:\n%s", name, width, height, shown)
				}
			}
		}
	}
}

func TestTreeMatchesItsGoldenFiles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		width, height int
		snapshots     []*clusterv1.Cluster
		second        int
	}{
		"tree-creating-wide":   {120, 40, []*clusterv1.Cluster{creating(0), creating(60)}, 61},
		"tree-creating":        {80, 24, []*clusterv1.Cluster{creating(0), creating(60)}, 61},
		"tree-creating-low":    {80, 11, []*clusterv1.Cluster{creating(60)}, 61},
		"tree-creating-lowest": {80, 7, []*clusterv1.Cluster{creating(60)}, 61},
		"tree-creating-narrow": {44, 20, []*clusterv1.Cluster{creating(60)}, 61},
		"tree-failed":          {120, 30, []*clusterv1.Cluster{failed()}, 30},
		"tree-ready":           {100, 24, []*clusterv1.Cluster{creating(60), creating(190)}, 190},
		"tree-deleting":        {100, 30, []*clusterv1.Cluster{deleting(0), deleting(6), deleting(8)}, 8},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name, draw(c.width, c.height, c.second, c.snapshots...))
		})
	}
}

// draw draws the tree after the given snapshots, without colors.
func draw(width, height, second int, snapshots ...*clusterv1.Cluster) string {
	model := &tree{board: new(board), width: width, height: height}
	for _, c := range snapshots {
		model.board.merge(c, epoch.Add(time.Duration(second)*time.Second))
	}
	return ansi.Strip(model.render(epoch.Add(time.Duration(second) * time.Second)))
}

func TestTreeEndsWithTheSnapshotsOrWithCtrlC(t *testing.T) {
	t.Parallel()
	model := &tree{board: new(board)}
	_, _ = model.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	_, _ = model.Update(snapshot{deleting(0)})
	_, cmd := model.Update(tea.KeyPressMsg{Code: 'c', Mod: tea.ModCtrl})
	require.Equal(t, tea.InterruptMsg{}, cmd())
	_, cmd = model.Update(ended{})
	require.Equal(t, tea.QuitMsg{}, cmd())
	shown := ansi.Strip(model.View().Content)
	require.Contains(t, shown, "orchid  DELETED")
	require.Contains(t, shown, fmt.Sprintf("%d of %[1]d deleted", len(timedResources)))

	lost := fault.Unavailablef("the server is stopping")
	_, _ = model.Update(ended{lost})
	require.ErrorIs(t, model.err, lost)
}
