package cluster_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStreams(t *testing.T) {
	s := newServers(t)
	id := s.provision(t)
	require.Equal(t, id, s.provision(t))
	t.Log(id, s.leader(t, "network", "KV_network"))
}
