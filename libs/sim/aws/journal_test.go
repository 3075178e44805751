package aws_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/require"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

func TestTheStateSurvivesTheDeathOfTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "aws.journal")
	synctest.Test(t, func(t *testing.T) {
		open := func() *awssim.Simulation {
			w, err := awssim.New(awssim.Options{Journal: path})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, w.Close()) })
			return w
		}
		before := open()
		n := build(t, client(before))
		doomed := createVPC(t, client(before), "doomed")
		_, err := client(before).DeleteVpc(t.Context(), &ec2.DeleteVpcInput{VpcId: doomed})
		require.NoError(t, err)

		after := open() // without closing the one before
		require.NotEmpty(t, after.String())
		require.Equal(t, before.String(), after.String())
		require.ElementsMatch(t, plain(before.Ledger()), plain(after.Ledger()))

		twice := open()
		require.Equal(t, before.String(), twice.String())
		n.tearDown(t, client(twice))
		require.Empty(t, twice.String())
		require.Empty(t, open().String())
	})
}

func TestATornLastLineIsACallThatNeverHappened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "aws.journal")
	synctest.Test(t, func(t *testing.T) {
		w, err := awssim.New(awssim.Options{Journal: path})
		require.NoError(t, err)
		createVPC(t, client(w), "orchid")
		whole := w.String()
		require.NoError(t, w.Close())
		size := func() int64 {
			info, err := os.Stat(path)
			require.NoError(t, err)
			return info.Size()
		}
		kept := size()

		w, err = awssim.New(awssim.Options{Journal: path})
		require.NoError(t, err)
		createVPC(t, client(w), "torn")
		require.NoError(t, w.Close())
		require.Greater(t, size(), kept)
		require.NoError(t, os.Truncate(path, size()-1))

		w, err = awssim.New(awssim.Options{Journal: path})
		require.NoError(t, err)
		require.Equal(t, whole, w.String())
		require.NoError(t, w.Close())
	})
}

func TestAJournalThatCannotBeReadIsNotOverwritten(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "aws.journal")
	require.NoError(t, os.WriteFile(path, []byte("not a journal\n"), 0o600))
	_, err := awssim.New(awssim.Options{Journal: path})
	require.ErrorContains(t, err, "line 1")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "not a journal\n", string(text))
}

// plain returns entries as they are after a journal: their times have no monotonic part.
func plain(entries []awssim.LedgerEntry) []awssim.LedgerEntry {
	for i := range entries {
		entries[i].CreatedAt, entries[i].DeletedAt = entries[i].CreatedAt.Round(0).UTC(), entries[i].DeletedAt.Round(0).UTC()
		if len(entries[i].Tags) == 0 {
			entries[i].Tags = nil
		}
	}
	return entries
}
