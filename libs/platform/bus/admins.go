package bus

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/nats-io/nats.go"
)

// admins is how administrators reach a server inside another process.
type admins struct {
	URL       string            `json:"url"`
	Passwords map[string]string `json:"passwords"`
}

// Admit writes to a file, for its owner's eyes only, how administrators reach the
// server from other processes. The server must listen.
func (s *Server) Admit(file string) error {
	if s.URL() == "" {
		return errors.New("admit administrators: the server does not listen")
	}
	how := admins{URL: s.URL(), Passwords: make(map[string]string)}
	for _, service := range s.options.Topology {
		how.Passwords[Admin(service.Name)] = s.passwords[Admin(service.Name)]
	}
	content, err := json.Marshal(how)
	if err != nil {
		return fmt.Errorf("admit administrators: %w", err)
	}
	draft, err := os.CreateTemp(filepath.Dir(file), ".admins-*") // CreateTemp makes it 0600.
	if err != nil {
		return fmt.Errorf("admit administrators: %w", err)
	}
	defer func() { _ = os.Remove(draft.Name()) }()
	_, err = draft.Write(content)
	if err := errors.Join(err, draft.Close(), os.Rename(draft.Name(), file)); err != nil {
		return fmt.Errorf("admit administrators: %w", err)
	}
	return nil
}

// Admitted returns how to connect as an administrator to the server that wrote the file.
func Admitted(file string) (Connect, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read how to reach nats: %w", err)
	}
	var how admins
	if err := json.Unmarshal(content, &how); err != nil {
		return nil, fmt.Errorf("read how to reach nats: %s: %w", file, err)
	}
	return func(service string) (*nats.Conn, error) {
		nc, err := nats.Connect(how.URL, nats.UserInfo(Admin(service), how.Passwords[Admin(service)]), nats.Name("skep-admin"))
		if err != nil {
			return nil, fmt.Errorf("connect to nats as %s: %w", Admin(service), err)
		}
		return nc, nil
	}, nil
}
