package badinput_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/test/clustertest"
)

// concurrency is the number of concurrent requests.
const concurrency = 12

// concurrently calls send as often as concurrency says, at once, and counts the answers by code.
func concurrently(send func(i int) error) map[codes.Code]int {
	answers := make([]error, concurrency)
	var requests sync.WaitGroup
	for i := range concurrency {
		requests.Go(func() { answers[i] = send(i) })
	}
	requests.Wait()
	count := make(map[codes.Code]int)
	for _, err := range answers {
		count[status.Code(err)]++
	}
	return count
}

func request(t *testing.T, id, requestID string) *clusterv1.CreateClusterRequest {
	t.Helper()
	return &clusterv1.CreateClusterRequest{Parent: clustertest.Organization, ClusterId: id, Cluster: clustertest.Quickstart(t), RequestId: requestID}
}

func TestOneOfManyConcurrentCreatesOfANameSucceeds(t *testing.T) {
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		require.Equal(t, map[codes.Code]int{codes.OK: 1, codes.AlreadyExists: concurrency - 1}, concurrently(func(int) error {
			_, err := s.Clusters.CreateCluster(s.Context, request(t, "orchid", ""))
			return err
		}))
	})
}

func TestARepeatedConcurrentRequestCreatesOneCluster(t *testing.T) {
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		var mu sync.Mutex
		uids := make(map[string]bool)
		require.Equal(t, map[codes.Code]int{codes.OK: concurrency}, concurrently(func(int) error {
			answer, err := s.Clusters.CreateCluster(s.Context, request(t, "orchid", "7c1b3f2a-9d64-4b0e-8a53-1f2e6d7c8b90"))
			mu.Lock()
			defer mu.Unlock()
			uids[answer.GetCluster().GetUid()] = true
			return err
		}))
		require.Len(t, uids, 1)
	})
}

func TestOneOfManyConcurrentChangesOfAVersionSucceeds(t *testing.T) {
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		s.Create(t)
		cluster := s.WaitUntil(t, clustertest.IsReady)
		require.Equal(t, map[codes.Code]int{codes.OK: 1, codes.Aborted: concurrency - 1}, concurrently(func(i int) error {
			change := &clusterv1.Cluster{Name: cluster.GetName(), Etag: cluster.GetEtag(), Labels: map[string]string{"by": string(rune('a' + i))}}
			_, err := s.Clusters.UpdateCluster(s.Context, &clusterv1.UpdateClusterRequest{
				Cluster: proto.CloneOf(change), UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"labels"}},
			})
			return err
		}))
	})
}
