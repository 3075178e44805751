package backup

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/skep-dev/skep/libs/platform/bus"
)

// format is the version of the archive.
const format = 1

// manifestName is the first file of the archive.
const manifestName = "manifest.json"

// A Manifest says what is in a backup.
type Manifest struct {
	// Format is the version of the archive.
	Format int `json:"format"`
	// Installation is whose state it is, Time when it was taken.
	Installation string    `json:"installation"`
	Time         time.Time `json:"time"`
	// Streams are the snapshots.
	Streams []Stream `json:"streams"`
}

// A Stream is the snapshot of one stream.
type Stream struct {
	// Service is the service in whose account the stream is, Name the stream.
	Service string `json:"service"`
	Name    string `json:"name"`
	// Messages are how many it holds, LastSequence is that of its newest write.
	Messages     uint64 `json:"messages"`
	LastSequence uint64 `json:"last_sequence"`
	// Size and SHA256 are those of the snapshot.
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	// Config and State are what JetStream wants to know to restore it.
	Config server.StreamConfig `json:"config"`
	State  server.StreamState  `json:"state"`
}

// file is the name of the snapshot in the archive.
func (s Stream) file() string { return s.Service + "/" + s.Name + ".snapshot" }

// String is what a stream that was restored from the backup says of itself.
func (m Manifest) String() string {
	return "the backup of " + m.Time.UTC().Format(time.RFC3339)
}

// installationAccount is the service in whose account the installation's id is,
// installationStream the stream that holds it.
const (
	installationAccount = "gateway"
	installationStream  = "KV_installation"
)

// kept are the streams of a service that a backup holds.
func kept(s bus.Service) []string {
	streams := []string{"KV_" + s.Bucket, bus.Audit}
	if s.Events {
		streams = append(streams, bus.Events)
	}
	if s.Name == installationAccount {
		streams = append(streams, installationStream)
	}
	return streams
}

// state reports whether a stream is state that a restore replaces. Audit lines are
// not: what was done was done, whatever the state says of it.
func state(stream string) bool { return strings.HasPrefix(stream, "KV_") || stream == bus.Events }

// checksum is the checksum of a file.
func checksum(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", fmt.Errorf("read %s: %w", file, err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
