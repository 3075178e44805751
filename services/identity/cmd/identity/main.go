// Command identity runs the identity service of Skep against an outside NATS. Its
// settings are environment variables; -h lists them.
package main

import (
	"github.com/skep-dev/skep/libs/engine/host"
	"github.com/skep-dev/skep/services/identity"
)

func main() { host.Main(identity.Name, identity.New) }
