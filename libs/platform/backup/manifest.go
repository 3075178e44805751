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
	"github.com/skep-dev/skep/libs/platform/topology"
)

// format is the version of the archive.
const format = 1

// manifestName is the first file of the archive.
const manifestName = "manifest.json"

// A Manifest describes a backup.
type Manifest struct {
	// Format is the version of the archive.
	Format int `json:"format"`
	// Installation is the id of the installation; Time is when the backup was taken.
	Installation string    `json:"installation"`
	Time         time.Time `json:"time"`
	// Streams are the snapshots.
	Streams []Stream `json:"streams"`
}

// A Stream is the snapshot of one stream.
type Stream struct {
	// Service is the service in whose account the stream is; Name is the name of the stream.
	Service string `json:"service"`
	Name    string `json:"name"`
	// Messages is the number of messages; LastSequence is the sequence of the newest one.
	Messages     uint64 `json:"messages"`
	LastSequence uint64 `json:"last_sequence"`
	// Size and SHA256 are the size in bytes and the checksum of the snapshot.
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	// Config and State are required by JetStream to restore the stream.
	Config server.StreamConfig `json:"config"`
	State  server.StreamState  `json:"state"`
}

// file returns the name of the snapshot in the archive.
func (s Stream) file() string { return s.Service + "/" + s.Name + ".snapshot" }

// String returns the value of the metadata key Restored of a stream that was restored from the backup.
func (m Manifest) String() string {
	return "the backup of " + m.Time.UTC().Format(time.RFC3339)
}

// installationAccount is the service in whose account the id of the installation is; installationStream is the stream
// that holds it.
const (
	installationAccount = "gateway"
	installationStream  = "KV_installation"
)

// streamsOf returns the streams of a service that a backup contains.
func streamsOf(s topology.Service) []string {
	streams := []string{"KV_" + s.Bucket, bus.Audit}
	if s.Events {
		streams = append(streams, bus.Events)
	}
	if s.Name == installationAccount {
		streams = append(streams, installationStream)
	}
	return streams
}

// isState reports whether a restore replaces the stream. It keeps audit lines, because no restore undoes their calls.
func isState(stream string) bool { return strings.HasPrefix(stream, "KV_") || stream == bus.Events }

// checksum returns the SHA-256 checksum of a file in hex.
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
