// Command network runs the network service of Skep against an outside NATS. Its
// settings are environment variables; -h lists them.
package main

import (
	"github.com/skep-dev/skep/libs/engine/host"
	"github.com/skep-dev/skep/services/network"
)

func main() { host.Main(network.Name, network.New) }
