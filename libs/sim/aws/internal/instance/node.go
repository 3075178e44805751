package instance

import (
	"encoding/base64"
	"maps"
	"time"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// Node is an instance that has booted: its user data has run, and it has joined its cluster.
type Node struct {
	InstanceID string
	PrivateIP  string
	Zone       string
	Type       string
	UserData   string // decoded
	Profile    string // ARN of the instance profile, or ""
	Tags       map[string]string
	Since      time.Time // when it had booted
}

// Nodes lists the instances that have booted and are not being terminated, in order of creation.
func Nodes(c *engine.Call) []Node {
	var found []Node
	for _, r := range Instances.List(c) {
		if !HasBooted(c, r) {
			continue
		}
		data, _ := base64.StdEncoding.DecodeString(r.Data.UserData) // the launch has validated it
		found = append(found, Node{
			InstanceID: r.ID, PrivateIP: r.Data.PrivateIP, Zone: r.Data.Zone, Type: r.Data.Type, UserData: string(data),
			Profile: r.Data.Profile, Tags: maps.Clone(r.Tags), Since: r.Data.BootedAt,
		})
	}
	return found
}
