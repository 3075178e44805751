package config

import (
	"fmt"
	"os"
	"strings"
)

// NATS are the settings of the NATS connection.
type NATS struct {
	URL          string `env:"URL" envDefault:"nats://127.0.0.1:4222" desc:"The NATS servers, separated by commas."`
	User         string `env:"USER" desc:"The NATS user; every service has its own."`
	Password     Secret `env:"PASSWORD" desc:"The password of the NATS user."`
	PasswordFile string `env:"PASSWORD_FILE" desc:"A file with the password, instead of the password itself."`
}

// Secret returns the password, from PasswordFile if that is set. It reads the file at every call, so that a later
// connection uses a rotated password.
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
