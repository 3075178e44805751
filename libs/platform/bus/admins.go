package bus

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/nats-io/nats.go"

	"github.com/skep-dev/skep/libs/platform/topology"
)

// admins is how administrators connect to the server inside another process.
type admins struct {
	URL       string            `json:"url"`
	Passwords map[string]string `json:"passwords"`
}

// WriteAdmins writes the URL and the passwords of the administrators to a file with mode 0600, for other processes. The
// server must listen.
func (s *Server) WriteAdmins(file string) error {
	if s.URL() == "" {
		return errors.New("write administrator file: the server does not listen")
	}
	access := admins{URL: s.URL(), Passwords: make(map[string]string)}
	for _, service := range s.options.Topology {
		access.Passwords[topology.Admin(service.Name)] = s.passwords[topology.Admin(service.Name)]
	}
	content, err := json.Marshal(access)
	if err != nil {
		return fmt.Errorf("write administrator file: %w", err)
	}
	draft, err := os.CreateTemp(filepath.Dir(file), ".admins-*") // CreateTemp sets mode 0600.
	if err != nil {
		return fmt.Errorf("write administrator file: %w", err)
	}
	defer func() { _ = os.Remove(draft.Name()) }()
	_, err = draft.Write(content)
	if err := errors.Join(err, draft.Close(), os.Rename(draft.Name(), file)); err != nil {
		return fmt.Errorf("write administrator file: %w", err)
	}
	return nil
}

// ReadAdmins returns the function that connects as administrator to the server that wrote the file.
func ReadAdmins(file string) (Connect, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read administrator file: %w", err)
	}
	var access admins
	if err := json.Unmarshal(content, &access); err != nil {
		return nil, fmt.Errorf("read administrator file %s: %w", file, err)
	}
	return func(service string) (*nats.Conn, error) {
		nc, err := nats.Connect(access.URL, nats.UserInfo(topology.Admin(service), access.Passwords[topology.Admin(service)]), nats.Name("skep-admin"))
		if err != nil {
			return nil, fmt.Errorf("connect to nats as %s: %w", topology.Admin(service), err)
		}
		return nc, nil
	}, nil
}
