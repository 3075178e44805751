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

// pause is the time between a failed request and its retry.
const pause = 200 * time.Millisecond

// send sends one request. It returns an error if the server is down.
func (f restClient) send(ctx context.Context, method, path, body, accept string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, f.url+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+f.token)
	r.Header.Set("Accept", accept)
	return http.DefaultClient.Do(r)
}

// sendUntil repeats a request until its status is accepted. It retries after a missing answer
// and after a 5xx; another status is an error.
func (f restClient) sendUntil(ctx context.Context, method, path, body string, accepted ...int) error {
	for {
		answer, err := f.send(ctx, method, path, body, "application/json")
		if err == nil {
			text, _ := io.ReadAll(answer.Body) // An incomplete answer has a status too.
			_ = answer.Body.Close()
			switch {
			case slices.Contains(accepted, answer.StatusCode):
				return nil
			case answer.StatusCode < http.StatusInternalServerError:
				return fmt.Errorf("%s %s: %s: %s", method, path, answer.Status, text)
			}
			err = fmt.Errorf("%s: %s", answer.Status, text)
		}
		if wait(ctx) != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
	}
}

// condition reports whether a message completes a watch. It gets the messages of all clusters;
// about is true for those of the watched cluster.
type condition func(about bool, m *clusterv1.WatchClustersResponse) bool

// follow watches a cluster until a message meets the condition. It repeats a watch that
// breaks, with a new condition from begin.
func (f restClient) follow(ctx context.Context, id string, begin func() condition) (*clusterv1.Cluster, error) {
	last := "no message"
	for {
		reached := begin()
		answer, err := f.send(ctx, http.MethodGet, watchClusters, "", lines)
		if err == nil {
			messages := bufio.NewScanner(answer.Body)
			messages.Buffer(nil, 1<<20)
			for messages.Scan() {
				var frame struct{ Result json.RawMessage }
				message := new(clusterv1.WatchClustersResponse)
				if json.Unmarshal(messages.Bytes(), &frame) != nil || frame.Result == nil || protojson.Unmarshal(frame.Result, message) != nil {
					continue // The line is incomplete, or reports the end of the watch.
				}
				about := strings.HasSuffix(message.GetCluster().GetName(), "/"+id)
				if about {
					last = unfinished(message)
				}
				if reached(about, message) {
					_ = answer.Body.Close()
					return message.GetCluster(), nil
				}
			}
			_ = answer.Body.Close()
		}
		if err := wait(ctx); err != nil {
			return nil, fmt.Errorf("follow %s: %w; the last message: %s", id, err, last)
		}
	}
}

// unfinished describes the cluster of a message with its components and resources that are
// not ready.
func unfinished(m *clusterv1.WatchClustersResponse) string {
	status := m.GetCluster().GetStatus()
	text := fmt.Sprintf("%s, deleted: %t", status.GetState(), m.GetDeleted())
	for _, component := range status.GetComponents() {
		if component.GetState() != typev1.State_READY {
			text += fmt.Sprintf("; %s is %s: %s", component.GetLabel(), component.GetState(), component.GetMessage())
		}
	}
	for _, item := range status.GetResources() {
		if item.GetState() != typev1.InventoryItem_READY {
			text += fmt.Sprintf("; %s is %s: %s", item.GetName(), item.GetState(), item.GetMessage())
		}
	}
	return text
}

// wait waits for pause, or returns the cause of the end of ctx.
func wait(ctx context.Context) error {
	select {
	case <-time.After(pause):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// ready returns the condition that the cluster is ready.
func ready() condition {
	return func(about bool, m *clusterv1.WatchClustersResponse) bool {
		return about && m.GetCluster().GetStatus().GetState() == typev1.State_READY
	}
}

// absent returns the condition that the cluster is deleted, or missing in the complete list.
func absent() condition {
	listed := false
	return func(about bool, m *clusterv1.WatchClustersResponse) bool {
		if about {
			listed = !m.GetDeleted()
		}
		return (m.GetSynced() || m.GetDeleted()) && !listed
	}
}
