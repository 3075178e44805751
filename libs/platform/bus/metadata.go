package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/skep-dev/skep/libs/platform/topology"
)

// Connect connects to the account of a service, as its administrator or as the service itself.
type Connect func(service string) (*nats.Conn, error)

// metadataPrefix is the prefix of the metadata keys of Skep.
const metadataPrefix = "skep.dev/"

// SetMetadata sets metadata of every bucket of the topology, including mirrors. Services can read the metadata; only
// administrators change it. An empty value deletes the key. Other metadata stays.
func SetMetadata(ctx context.Context, admin Connect, t topology.Topology, metadata map[string]string) error {
	for _, s := range t {
		nc, err := admin(s.Name)
		if err != nil {
			return fmt.Errorf("connect to account of %s: %w", s.Name, err)
		}
		buckets := []string{s.Bucket}
		for _, r := range s.Reads {
			buckets = append(buckets, t.Bucket(r.Service))
		}
		for _, bucket := range buckets {
			if err = setStreamMetadata(ctx, nc, topology.StreamName(bucket), metadata); err != nil {
				err = fmt.Errorf("set metadata of stream %s of %s: %w", topology.StreamName(bucket), s.Name, err)
				break
			}
		}
		nc.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

func setStreamMetadata(ctx context.Context, nc *nats.Conn, name string, metadata map[string]string) error {
	config, err := configOf(ctx, nc, name)
	if err != nil {
		return err
	}
	merged := make(map[string]string, len(config.Metadata)+len(metadata))
	maps.Copy(merged, config.Metadata)
	maps.Copy(merged, metadata)
	maps.DeleteFunc(merged, func(_, value string) bool { return value == "" })
	if maps.Equal(merged, config.Metadata) {
		return nil
	}
	config.Metadata = merged
	return call(ctx, nc, "STREAM.UPDATE."+name, config)
}

// withMetadata returns c with the Skep metadata of the existing stream.
func withMetadata(ctx context.Context, nc *nats.Conn, c server.StreamConfig) (server.StreamConfig, error) {
	existing, err := configOf(ctx, nc, c.Name)
	if err != nil {
		return c, err
	}
	c.Metadata = maps.Clone(existing.Metadata)
	maps.DeleteFunc(c.Metadata, func(key, _ string) bool { return !strings.HasPrefix(key, metadataPrefix) })
	return c, nil
}

// configOf reads the settings of a stream.
func configOf(ctx context.Context, nc *nats.Conn, name string) (server.StreamConfig, error) {
	reply, err := nc.RequestWithContext(ctx, server.JSApiPrefix+".STREAM.INFO."+name, nil)
	if err != nil {
		return server.StreamConfig{}, err
	}
	var answer server.JSApiStreamInfoResponse
	if err := json.Unmarshal(reply.Data, &answer); err != nil {
		return server.StreamConfig{}, fmt.Errorf("decode answer: %w", err)
	}
	if answer.Error != nil {
		return server.StreamConfig{}, answer.Error
	}
	if answer.StreamInfo == nil {
		return server.StreamConfig{}, errors.New("the answer is empty")
	}
	return answer.Config, nil
}
