package lifecycle_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/test/clustertest"
)

func TestTheTimelineShowsEachEventOnceAndOutlivesTheCluster(t *testing.T) {
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		s.Create(t)
		s.WaitUntil(t, clustertest.IsReady)
		s.Delete(t)
		s.WaitUntil(t, clustertest.IsDeleted)
		time.Sleep(time.Minute)

		count := make(map[string]int)
		var types []string
		request := &clusterv1.ListEventsRequest{Parent: clustertest.ClusterName, PageSize: 7}
		for {
			page, err := s.Clusters.ListEvents(s.Context, request)
			require.NoError(t, err)
			for _, event := range page.GetEvents() {
				count[event.GetResource()+" "+event.GetType()+" "+event.GetReason()]++
				if event.GetResource() == clustertest.ClusterName {
					types = append(types, event.GetType()+" "+event.GetReason())
				}
			}
			if page.GetNextPageToken() == "" {
				break
			}
			request.PageToken = page.GetNextPageToken()
		}
		require.Equal(t, "Created Declared", types[0])
		require.Contains(t, types, "Ready Ready")
		require.Equal(t, "Deleted Gone", types[len(types)-1])
		require.Contains(t, count, "organizations/demo/networks/quickstart NatGatewaysReady Ready")
		require.Contains(t, count, "organizations/demo/networks/quickstart Deleted Gone")
		for event, times := range count {
			require.Equal(t, 1, times, event)
		}
	})
}
