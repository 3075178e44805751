package aws

import (
	"encoding/base64"
	"maps"
	"time"
)

// Node is an instance that has booted: its user data has run, it answers on its ports, and it has joined its cluster.
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

// Nodes lists the instances of a region that have booted and are not being terminated, in order of creation.
func (w *World) Nodes(account, region string) []Node {
	w.enter()
	defer w.mu.Unlock()
	c := w.by(byAWS, scope{account, region})
	var nodes []Node
	for _, r := range instances.list(c) {
		if !booted(c, r) {
			continue
		}
		data, _ := base64.StdEncoding.DecodeString(r.Data.UserData) // was checked at launch
		nodes = append(nodes, Node{
			InstanceID: r.ID, PrivateIP: r.Data.PrivateIP, Zone: r.Data.Zone, Type: r.Data.Type, UserData: string(data),
			Profile: r.Data.Profile, Tags: maps.Clone(r.Tags), Since: r.Data.BootedAt,
		})
	}
	return nodes
}
