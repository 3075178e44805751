package rpc

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// tokenSize is the entropy of a token in bytes.
const tokenSize = 32

// LocalToken returns the token in a file. If the file does not exist, it creates it with a random token and mode
// 0600. A file that other users can read is an error. Concurrent processes get the same token.
func LocalToken(path string) (string, error) {
	token, err := readToken(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return token, err
	}
	if err := writeToken(path); err != nil {
		return "", fmt.Errorf("create token: %w", err)
	}
	return readToken(path)
}

func readToken(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("read token: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("read token: %s can be read by others: change its mode to 0600, or delete it if another user may have read it", path)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read token: %w", err)
	}
	token := strings.TrimSpace(string(content))
	if token == "" {
		return "", fmt.Errorf("read token: %s is empty: delete it", path)
	}
	return token, nil
}

// writeToken writes a token under a temporary name and links it to path, so that no process reads half a token and
// the first of two writers wins.
func writeToken(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	draft, err := os.CreateTemp(filepath.Dir(path), ".token-*") // CreateTemp sets mode 0600.
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(draft.Name()) }()
	secret := make([]byte, tokenSize)
	_, _ = rand.Read(secret) // it never fails
	_, err = draft.WriteString(base64.RawURLEncoding.EncodeToString(secret) + "\n")
	if err := errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	if err := os.Link(draft.Name(), path); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// TokenAuthenticator authenticates by fixed tokens. It compares in constant time and keeps only hashes.
func TokenAuthenticator(tokens map[string]Principal) func(context.Context, string) (context.Context, error) {
	type known struct {
		digest    [sha256.Size]byte
		principal Principal
	}
	var all []known
	for token, principal := range tokens {
		if token != "" {
			all = append(all, known{sha256.Sum256([]byte(token)), principal})
		}
	}
	return func(ctx context.Context, token string) (context.Context, error) {
		if token == "" {
			return nil, fault.Unauthenticatedf("the call has no token")
		}
		digest, found := sha256.Sum256([]byte(token)), -1
		for i := range all {
			if subtle.ConstantTimeCompare(all[i].digest[:], digest[:]) == 1 {
				found = i
			}
		}
		if found < 0 {
			return nil, fault.Unauthenticatedf("the token is not known")
		}
		return WithCaller(ctx, all[found].principal), nil
	}
}
