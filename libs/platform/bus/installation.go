package bus

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// The bucket with one key, the id of the installation.
const (
	installationBucket = "installation"
	installationKey    = "id"
)

// Installation returns the id of the installation. It is created with the state, and tags every resource in AWS. An
// empty store is a new installation with a new id, which never changes resources with the old id. admin is a
// connection of the administrator of the gateway account.
func Installation(ctx context.Context, admin *nats.Conn, replicas int) (string, error) {
	return InstallationWithID(ctx, admin, replicas, uuid.NewString()[:8])
}

// InstallationWithID is like Installation, with the id that a new installation gets.
func InstallationWithID(ctx context.Context, admin *nats.Conn, replicas int, id string) (string, error) {
	js, err := jetstream.New(admin)
	if err != nil {
		return "", fmt.Errorf("open jetstream: %w", err)
	}
	var found string
	err = Retry(ctx, func(ctx context.Context) error {
		kv, err := js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: installationBucket, Replicas: replicas, Storage: jetstream.FileStorage})
		if err != nil {
			return fmt.Errorf("open installation: %w", err)
		}
		if _, err := kv.Create(ctx, installationKey, []byte(id)); err != nil && !errors.Is(err, jetstream.ErrKeyExists) {
			return fmt.Errorf("create installation: %w", err)
		}
		entry, err := kv.Get(ctx, installationKey)
		if err != nil {
			return fmt.Errorf("read installation: %w", err)
		}
		found = string(entry.Value())
		return nil
	})
	return found, err
}
