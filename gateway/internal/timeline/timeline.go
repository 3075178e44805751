// Package timeline stores and reads the events of clusters. It copies each transition of
// every record once to the stream EVENTS, which outlives the records. The subject of an
// event is unique to its transition, so the stream refuses a second copy.
package timeline

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/platform/filter"
)

// stream is the name of the stream, and root the first tokens of its subjects.
const (
	stream = "EVENTS"
	root   = "skep.events"
)

// Timeline reads the events of clusters.
type Timeline struct {
	js jetstream.JetStream
}

// New returns the timeline in the stream of js.
func New(js jetstream.JetStream) *Timeline { return &Timeline{js: js} }

// subjects returns the filter for the events of a cluster.
func subjects(cluster string) string {
	return strings.Join([]string{root, object.Organization(cluster), object.ID(cluster), ">"}, ".")
}

// pageSize is the number of events on a page if the request has none.
const pageSize = 100

// List returns one page of the events of a cluster, oldest first.
func (t *Timeline) List(ctx context.Context, in *clusterv1.ListEventsRequest) (*clusterv1.ListEventsResponse, error) {
	token, err := filter.ParsePageToken(in)
	if err != nil {
		return nil, err
	}
	size := int(in.GetPageSize())
	if size == 0 {
		size = pageSize
	}
	out := &clusterv1.ListEventsResponse{}
	config := jetstream.OrderedConsumerConfig{FilterSubjects: []string{subjects(in.GetParent())}}
	if token.After != "" {
		var last uint64
		if _, err := fmt.Sscan(token.After, &last); err == nil {
			config.DeliverPolicy, config.OptStartSeq = jetstream.DeliverByStartSequencePolicy, last+1
		}
	}
	consumer, err := t.js.OrderedConsumer(ctx, stream, config)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	batch, err := consumer.FetchNoWait(size + 1)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	for message := range batch.Messages() {
		event, err := eventOf(message)
		if err != nil {
			return nil, err
		}
		if len(out.GetEvents()) == size {
			out.NextPageToken = token.Next(fmt.Sprint(out.GetEvents()[size-1].GetSequence()))
			break
		}
		out.Events = append(out.Events, event)
	}
	return out, batch.Error()
}

// Watch sends the stored events of a cluster and then the new ones, until ctx ends or send
// fails.
func (t *Timeline) Watch(ctx context.Context, cluster string, send func(*clusterv1.Event) error) error {
	consumer, err := t.js.OrderedConsumer(ctx, stream, jetstream.OrderedConsumerConfig{FilterSubjects: []string{subjects(cluster)}})
	if err != nil {
		return fmt.Errorf("watch events: %w", err)
	}
	messages, err := consumer.Messages()
	if err != nil {
		return fmt.Errorf("watch events: %w", err)
	}
	defer messages.Stop()
	defer context.AfterFunc(ctx, messages.Stop)()
	for {
		message, err := messages.Next()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("watch events: %w", err)
		}
		event, err := eventOf(message)
		if err != nil {
			return err
		}
		if err := send(event); err != nil {
			return err
		}
	}
}

func eventOf(message jetstream.Msg) (*clusterv1.Event, error) {
	event := new(clusterv1.Event)
	if err := proto.Unmarshal(message.Data(), event); err != nil {
		return nil, fmt.Errorf("read event: %w", err)
	}
	metadata, err := message.Metadata()
	if err != nil {
		return nil, fmt.Errorf("read event: %w", err)
	}
	event.Sequence = int64(metadata.Sequence.Stream)
	return event, nil
}

// publishTimeout bounds the copy of one transition.
const publishTimeout = 5 * time.Second
