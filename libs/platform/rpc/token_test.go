package rpc_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/platform/rpc"
)

func TestConcurrentCallersGetTheSameLocalToken(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), ".skep", "admin.token")
	tokens := make([]string, 8)
	var all sync.WaitGroup
	for i := range tokens {
		all.Go(func() {
			token, err := rpc.LocalToken(path)
			if err == nil {
				tokens[i] = token
			}
		})
	}
	all.Wait()
	secret, err := base64.RawURLEncoding.DecodeString(tokens[0])
	require.NoError(t, err)
	require.Len(t, secret, 32)
	for _, token := range tokens {
		require.Equal(t, tokens[0], token)
	}
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1, "no temporary file is left")
}

func TestAnUnsafeTokenFileIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		content string
		mode    os.FileMode
		want    string
	}{
		"readable by others": {"secret", 0o644, "can be read by others"},
		"empty":              {"\n", 0o600, "is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "admin.token")
			require.NoError(t, os.WriteFile(path, []byte(c.content), c.mode))
			_, err := rpc.LocalToken(path)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestAnEmptyTokenIsRefused(t *testing.T) {
	t.Parallel()
	_, err := rpc.TokenAuthenticator(map[string]rpc.Principal{"": {Name: "admin"}})(t.Context(), "")
	require.ErrorContains(t, err, "no token")
}
