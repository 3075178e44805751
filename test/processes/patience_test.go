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

// wanted tells of the messages about one cluster, and of the one that says that all
// have been told of, whether it is what is waited for.
type wanted func(about bool, m *clusterv1.WatchClustersResponse) bool

// follow watches a cluster until a message is as wanted. A watch that breaks is
// begun anew, and with it what is made of its messages.
func (f face) follow(ctx context.Context, id string, begin func() wanted) (*clusterv1.Cluster, error) {
	last := "nothing"
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
				about := strings.HasSuffix(message.GetCluster().GetName(), "/"+id)
				if about {
					last = unfinished(message)
				}
				if wanted(about, message) {
					_ = answer.Body.Close()
					return message.GetCluster(), nil
				}
			}
			_ = answer.Body.Close()
		}
		if err := rest(ctx); err != nil {
			return nil, fmt.Errorf("follow %s: %w; the last that was told: %s", id, err, last)
		}
	}
}

// unfinished is what a message says of a cluster, and of those of its parts and
// things that are not ready.
func unfinished(m *clusterv1.WatchClustersResponse) string {
	status := m.GetCluster().GetStatus()
	text := fmt.Sprintf("%s, deleted: %t", status.GetState(), m.GetDeleted())
	for _, part := range status.GetParts() {
		if part.GetState() != typev1.State_READY {
			text += fmt.Sprintf("; %s is %s: %s", part.GetLabel(), part.GetState(), part.GetMessage())
		}
	}
	for _, item := range status.GetResources() {
		if item.GetState() != typev1.InventoryItem_READY {
			text += fmt.Sprintf("; %s is %s: %s", item.GetName(), item.GetState(), item.GetMessage())
		}
	}
	return text
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
func ready() wanted {
	return func(about bool, m *clusterv1.WatchClustersResponse) bool {
		return about && m.GetCluster().GetStatus().GetState() == typev1.State_READY
	}
}

// absent wants a cluster to go, or not to be there when all have been told of.
func absent() wanted {
	there := false
	return func(about bool, m *clusterv1.WatchClustersResponse) bool {
		if about {
			there = !m.GetDeleted()
		}
		return (m.GetSynced() || m.GetDeleted()) && !there
	}
}
