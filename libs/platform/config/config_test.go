package config_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caarlos0/env/v11"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/platform/config"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// settings are those of a service with a setting of its own.
type settings struct {
	config.Process
	Shards int `env:"SHARDS,required" desc:"The number of shards."`
}

func TestTheEnvironmentOverridesTheDefaults(t *testing.T) {
	t.Parallel()
	got, err := config.Load[settings]([]string{
		"SKEP_SHARDS=16", "SKEP_LISTEN=0.0.0.0:9090", "SKEP_NATS_URL=nats://a:4222,nats://b:4222", "SKEP_NATS_PASSWORD=hunter2",
		"SKEP_AWS_ENDPOINT=http://127.0.0.1:5000", "SKEP_TELEMETRY_LOG_LEVEL=debug", "SKEP_SERVER=ignored", "PATH=/bin",
	})
	require.NoError(t, err)
	require.Equal(t, 16, got.Shards)
	require.Equal(t, "0.0.0.0:9090", got.Listen)
	require.Equal(t, "http://127.0.0.1:5000", got.AWS.Endpoint)
	require.InDelta(t, 1.0, got.Telemetry.SampleRatio, 0)
	require.Equal(t, slog.LevelDebug, got.Telemetry.LogLevel)
	require.Equal(t, "text", got.Telemetry.LogFormat)
	require.Equal(t, "hunter2", got.NATS.Password.Reveal())
}

func TestLoadNamesEveryInvalidVariableAndNoValue(t *testing.T) {
	t.Parallel()
	_, err := config.Load[settings]([]string{
		"SKEP_LISTEN=here!", "SKEP_NATS_URL=wrong!", "SKEP_NATS_PASSWORD=wrong!", "SKEP_NATS_PASSWORD_FILE=wrong!",
		"SKEP_AWS_ENDPOINT=wrong!", "SKEP_AWS_TIME_SCALE=-1", "SKEP_TELEMETRY_LOG_FORMAT=wrong!", "SKEP_PLAINTEXT=wrong!", "SKEP_TELEMETRY_SAMPLE_RATIO=7", "SKEP_TELEMETRY_LOG_LEVEL=wrong!",
	})
	require.True(t, fault.Is(err, fault.Invalid), "%v", err)
	require.Equal(t, []fault.Field{
		{Path: "SKEP_AWS_ENDPOINT", Message: "is not a URL such as http://127.0.0.1:5000"},
		{Path: "SKEP_AWS_TIME_SCALE", Message: "is not 1; another number above 0 requires SKEP_AWS_ENDPOINT"},
		{Path: "SKEP_LISTEN", Message: "is not a host and a port such as 127.0.0.1:9090"},
		{Path: "SKEP_NATS_PASSWORD", Message: "is set together with SKEP_NATS_PASSWORD_FILE: set only one of them"},
		{Path: "SKEP_NATS_URL", Message: "is not a list of URLs such as nats://127.0.0.1:4222"},
		{Path: "SKEP_PLAINTEXT", Message: "is not true or false"},
		{Path: "SKEP_SHARDS", Message: "is required"},
		{Path: "SKEP_TELEMETRY_LOG_FORMAT", Message: "is not one of text, json"},
		{Path: "SKEP_TELEMETRY_LOG_LEVEL", Message: "is not one of debug, info, warn, error"},
		{Path: "SKEP_TELEMETRY_SAMPLE_RATIO", Message: "is not a number from 0 to 1"},
	}, fault.Of(err).Fields)
	require.NotContains(t, fmt.Sprintf("%+v", err), "wrong!")
}

func TestPrintListsEverySettingThatLoadReads(t *testing.T) {
	t.Parallel()
	var help strings.Builder
	require.NoError(t, config.Print[settings](&help))
	params, err := env.GetFieldParamsWithOptions(new(settings), env.Options{Prefix: "SKEP_"})
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(help.String()), "\n")[1:]
	var read []env.FieldParams
	for _, p := range params {
		if p.OwnKey != "" {
			read = append(read, p)
		}
	}
	require.Len(t, lines, len(read))
	for i, p := range read {
		fields := strings.Fields(lines[i])
		require.Equal(t, p.Key, fields[0])
		require.Greater(t, len(fields), 3, "%s has a description", p.Key)
		switch {
		case p.Required:
			require.Equal(t, "(required)", fields[1])
		case p.HasDefaultValue:
			require.Equal(t, p.DefaultValue, fields[1])
		}
	}
	require.Contains(t, help.String(), "One of text, json.")
}

func TestOnlyRevealShowsASecret(t *testing.T) {
	t.Parallel()
	nats := config.NATS{Password: "hunter2"}
	encoded, err := json.Marshal(nats)
	require.NoError(t, err)
	var log strings.Builder
	logger := slog.New(slog.NewTextHandler(&log, nil))
	logger.Info("connect", "secret", nats.Password, "nats", nats)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("connect", "secret", nats.Password, "nats", nats)
	shown := string(encoded) + log.String() + fmt.Sprintf("%v %+v %#v %s %q %x %d", nats, nats, nats, nats.Password, nats.Password, nats.Password, nats.Password)
	require.NotContains(t, shown, "hunter2")
	require.NotContains(t, shown, fmt.Sprintf("%x", "hunter2"))
	require.Contains(t, shown, "[redacted]")
	require.Empty(t, config.Secret("").String())
}

func TestThePasswordFileIsReadAtEveryCall(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "password")
	nats := config.NATS{PasswordFile: file}
	_, err := nats.Secret()
	require.ErrorIs(t, err, os.ErrNotExist)
	for _, want := range []string{"first", "rotated"} {
		require.NoError(t, os.WriteFile(file, []byte(want+"\n"), 0o600))
		got, err := nats.Secret()
		require.NoError(t, err)
		require.Equal(t, want, got.Reveal())
	}
}
