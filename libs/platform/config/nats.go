package config

import (
	"fmt"
	"os"
	"strings"
)

// NATS says where NATS is and as whom to connect.
type NATS struct {
	URL          string `env:"URL" envDefault:"nats://127.0.0.1:4222" desc:"The NATS servers, separated by commas."`
	User         string `env:"USER" desc:"The NATS user, one for every service."`
	Password     Secret `env:"PASSWORD" desc:"The password of the NATS user."`
	PasswordFile string `env:"PASSWORD_FILE" desc:"A file with the password, instead of the password itself."`
}

// Secret returns the password, from its file if there is one. The file is read
// anew at every call, so that a connection made later uses a rotated password.
func (n NATS) Secret() (Secret, error) {
	if n.PasswordFile == "" {
		return n.Password, nil
	}
	content, err := os.ReadFile(n.PasswordFile)
	if err != nil {
		return "", fmt.Errorf("read nats password: %w", err)
	}
	return Secret(strings.TrimRight(string(content), "\r\n")), nil
}
