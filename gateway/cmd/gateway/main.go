// Command gateway runs the gateway of Skep with an external NATS. Its settings are
// environment variables; -h lists them. It serves REST at SKEP_LISTEN_REST.
package main

import (
	"github.com/skep-dev/skep/gateway"
	"github.com/skep-dev/skep/libs/engine/host"
)

func main() { host.Main(gateway.Name, gateway.New, gateway.ListenAndServeREST) }
