package topology_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/platform/topology"
)

// accountsFile is the configuration that a NATS cluster runs with.
const accountsFile = "../../../deploy/nats/accounts.conf"

func TestTheDeployedAccountsMatchTheTopology(t *testing.T) {
	t.Parallel()
	desired := topology.Suite().Config(topology.Environment)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(accountsFile, []byte(desired), 0o644))
	}
	got, err := os.ReadFile(accountsFile)
	require.NoError(t, err)
	require.Equal(t, desired, string(got), "run the test with UPDATE_GOLDEN=1")
}

func TestEveryReaderHasAReason(t *testing.T) {
	t.Parallel()
	for _, s := range topology.Suite() {
		for _, r := range s.Reads {
			require.NotEmpty(t, topology.Suite().Bucket(r.Service), "%s reads %s, which has no bucket", s.Name, r.Service)
			require.NotEqual(t, s.Name, r.Service)
			require.NotEmpty(t, r.Reason, "%s reads %s", s.Name, r.Service)
		}
	}
}
