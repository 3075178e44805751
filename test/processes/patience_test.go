package processes_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"
)

// pause is how long a client that was not answered waits before it asks again, as
// every client of a network does.
const pause = 200 * time.Millisecond

// send makes one request and may fail, since who is to answer it may be dead.
func (f face) send(ctx context.Context, method, path, body, accept string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, f.url+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+f.token)
	r.Header.Set("Accept", accept)
	return http.DefaultClient.Do(r)
}

// insist makes a request until it is answered as accepted. No answer, and one that
// somebody is not there, make it ask again; any other is an error.
func (f face) insist(ctx context.Context, method, path, body string, accepted ...int) error {
	for {
		answer, err := f.send(ctx, method, path, body, "application/json")
		if err == nil {
			text, _ := io.ReadAll(answer.Body) // Half an answer has a status, too.
			_ = answer.Body.Close()
			switch {
			case slices.Contains(accepted, answer.StatusCode):
				return nil
			case answer.StatusCode < http.StatusInternalServerError:
				return fmt.Errorf("%s %s: %s: %s", method, path, answer.Status, text)
			}
			err = fmt.Errorf("%s: %s", answer.Status, text)
		}
		if rest(ctx) != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
	}
}

// follow watches the clusters until a message is as wanted. A watch that breaks is
// begun anew, and with it what is made of its messages.
func (f face) follow(ctx context.Context, begin func() (wanted func(*clusterv1.WatchClustersResponse) bool)) (*clusterv1.Cluster, error) {
	last := ""
	for {
		wanted := begin()
		answer, err := f.send(ctx, http.MethodGet, watchClusters, "", lines)
		if err == nil {
			messages := bufio.NewScanner(answer.Body)
			messages.Buffer(nil, 1<<20)
			for messages.Scan() {
				var frame struct{ Result json.RawMessage }
				message := new(clusterv1.WatchClustersResponse)
				if json.Unmarshal(messages.Bytes(), &frame) != nil || frame.Result == nil || protojson.Unmarshal(frame.Result, message) != nil {
					continue // It was cut off, or says that the watch is over.
				}
				if last = messages.Text(); wanted(message) {
					_ = answer.Body.Close()
					return message.GetCluster(), nil
				}
			}
			_ = answer.Body.Close()
		}
		if err := rest(ctx); err != nil {
			return nil, fmt.Errorf("follow clusters: %w; the last that was told: %s", err, last)
		}
	}
}

// rest waits before the next try, or returns why there is none.
func rest(ctx context.Context) error {
	select {
	case <-time.After(pause):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// ready wants a cluster to be ready.
func ready(id string) func() func(*clusterv1.WatchClustersResponse) bool {
	return func() func(*clusterv1.WatchClustersResponse) bool {
		return func(m *clusterv1.WatchClustersResponse) bool {
			return isNamed(m, id) && m.GetCluster().GetStatus().GetState() == typev1.State_READY
		}
	}
}

// absent wants a cluster to go, or not to be there when all have been told of.
func absent(id string) func() func(*clusterv1.WatchClustersResponse) bool {
	return func() func(*clusterv1.WatchClustersResponse) bool {
		there := false
		return func(m *clusterv1.WatchClustersResponse) bool {
			if isNamed(m, id) {
				there = !m.GetDeleted()
			}
			return (m.GetSynced() || m.GetDeleted()) && !there
		}
	}
}

func isNamed(m *clusterv1.WatchClustersResponse, id string) bool {
	return strings.HasSuffix(m.GetCluster().GetName(), "/"+id)
}
