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
)

// Connect connects to the account of a service, as its administrator or as the
// service itself.
type Connect func(service string) (*nats.Conn, error)

// stampPrefix begins what streams say of themselves for Skep.
const stampPrefix = "skep.dev/"

// Stamp makes every bucket of the topology, mirrors too, say something of itself:
// its metadata, which services can read and only administrators change. An empty
// value takes the key away. What else the streams say stays.
func Stamp(ctx context.Context, admin Connect, t Topology, say map[string]string) error {
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
			if err = stampStream(ctx, nc, stream(bucket), say); err != nil {
				err = fmt.Errorf("stamp stream %s of %s: %w", stream(bucket), s.Name, err)
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

func stampStream(ctx context.Context, nc *nats.Conn, name string, say map[string]string) error {
	config, err := configOf(ctx, nc, name)
	if err != nil {
		return err
	}
	said := make(map[string]string, len(config.Metadata)+len(say))
	maps.Copy(said, config.Metadata)
	maps.Copy(said, say)
	maps.DeleteFunc(said, func(_, value string) bool { return value == "" })
	if maps.Equal(said, config.Metadata) {
		return nil
	}
	config.Metadata = said
	return call(ctx, nc, "STREAM.UPDATE."+name, config)
}

// stamped is a stream with what the one that is there says of itself.
func stamped(ctx context.Context, nc *nats.Conn, c server.StreamConfig) (server.StreamConfig, error) {
	there, err := configOf(ctx, nc, c.Name)
	if err != nil {
		return c, err
	}
	c.Metadata = maps.Clone(there.Metadata)
	maps.DeleteFunc(c.Metadata, func(key, _ string) bool { return !strings.HasPrefix(key, stampPrefix) })
	return c, nil
}

// configOf asks for the settings of a stream.
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
