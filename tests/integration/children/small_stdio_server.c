/* An MCP server over stdio in plain C, for tests that start hundreds of them or weigh what the gate
 * adds: it starts in no time, keeps a few hundred kilobytes and speaks both eras.
 *
 * Tools: echo {text}, notify {count, size}, big {size}, sleep {milliseconds}, crash {}, pid {}.
 * It reads what JSON it needs by looking for a key, which does for what a gate writes and for
 * nothing else: a string that holds such a key would mislead it. One line at a time; while a tool
 * sleeps, a cancellation of it or the end of the input is heeded.
 *
 * Options, for servers that misbehave: --log TEXT (a line on stderr at the start), --ignore-end (go
 * on after the end of the input and SIGTERM), --legacy (knows nothing of 2026-07-28), --slow-start
 * MS.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SERVER_INFO "{\"name\":\"small_stdio_server\",\"version\":\"1\"}"
#define MODERN "2026-07-28"
#define META_SERVER "\"_meta\":{\"io.modelcontextprotocol/serverInfo\":" SERVER_INFO "}"

typedef struct {
    const char* at;
    size_t size;
} slice;

static struct {
    char* data;
    size_t begin, end, room;
} input;

static bool legacy_only;
static bool ignore_end;

/* The value after "key": as it stands in the text, or nothing. */
static slice value_of(slice json, const char* key) {
    const slice none = {NULL, 0};
    char quoted[96];
    snprintf(quoted, sizeof quoted, "\"%s\"", key);
    const char* at = json.at;
    const char* end = json.at + json.size;
    for (;;) {
        at = memmem(at, (size_t)(end - at), quoted, strlen(quoted));
        if (at == NULL) return none;
        at += strlen(quoted);
        while (at < end && (*at == ' ' || *at == '\t')) ++at;
        if (at < end && *at == ':') break;
    }
    for (++at; at < end && (*at == ' ' || *at == '\t');) ++at;
    const char* start = at;
    int depth = 0;
    bool quotes = false;
    for (; at < end; ++at) {
        if (quotes) {
            if (*at == '\\') {
                ++at;
            } else if (*at == '"') {
                quotes = false;
                if (depth == 0) return (slice){start, (size_t)(at + 1 - start)};
            }
        } else if (*at == '"') {
            quotes = true;
        } else if (*at == '{' || *at == '[') {
            ++depth;
        } else if (*at == '}' || *at == ']') {
            if (depth == 0) break;
            if (--depth == 0) return (slice){start, (size_t)(at + 1 - start)};
        } else if (*at == ',' && depth == 0) {
            break;
        }
    }
    return (slice){start, (size_t)(at - start)};
}

static bool is_text(slice value, const char* text) {
    const size_t size = strlen(text);
    return value.size == size + 2 && value.at[0] == '"' && memcmp(value.at + 1, text, size) == 0;
}

static long number_of(slice arguments, const char* key) {
    const slice value = value_of(arguments, key);
    char text[24] = "0";
    if (value.size > 0 && value.size < sizeof text) {
        memcpy(text, value.at, value.size);
        text[value.size] = 0;
    }
    const long number = strtol(text, NULL, 10);
    return number < 0 ? 0 : number;
}

/* The next whole line without its end; empty at the end of the input. Waits `milliseconds` at most,
 * -1: for ever; *waited_out tells that nothing came. */
static slice next_line(int milliseconds, bool* waited_out) {
    *waited_out = false;
    size_t looked_at = input.begin;
    for (;;) {
        char* end = NULL;
        if (looked_at < input.end) {
            end = memchr(input.data + looked_at, '\n', input.end - looked_at);
        }
        if (end != NULL) {
            const slice line = {input.data + input.begin,
                                (size_t)(end - (input.data + input.begin))};
            input.begin = (size_t)(end + 1 - input.data);
            return line;
        }
        looked_at = input.end;
        if (input.begin > 0) {
            memmove(input.data, input.data + input.begin, input.end - input.begin);
            input.end -= input.begin;
            looked_at -= input.begin;
            input.begin = 0;
        }
        if (input.room - input.end < 4096) {
            input.room = input.room == 0 ? 8192 : input.room * 2;
            input.data = realloc(input.data, input.room);
            if (input.data == NULL) abort();
        }
        struct pollfd in = {STDIN_FILENO, POLLIN, 0};
        if (milliseconds >= 0 && poll(&in, 1, milliseconds) == 0) {
            *waited_out = true;
            return (slice){"", 0};
        }
        const ssize_t size = read(STDIN_FILENO, input.data + input.end, input.room - input.end);
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) {
            while (ignore_end) pause();
            exit(0);
        }
        input.end += (size_t)size;
    }
}

static void say(slice id, const char* what) {
    printf("{\"jsonrpc\":\"2.0\",\"id\":%.*s,%s}\n", (int)id.size, id.at, what);
}

static void say_error(slice id, int code, const char* message) {
    printf("{\"jsonrpc\":\"2.0\",\"id\":%.*s,\"error\":{\"code\":%d,\"message\":\"%s\"}}\n",
           (int)id.size, id.at, code, message);
}

/* The result of a tool: one text of `size` bytes, `text` or as many letters x. */
static void say_text(slice id, const char* text, size_t size, bool modern) {
    printf(
        "{\"jsonrpc\":\"2.0\",\"id\":%.*s,\"result\":{%s\"content\":[{\"type\":\"text\",\"text\":"
        "\"",
        (int)id.size, id.at, modern ? "\"resultType\":\"complete\"," META_SERVER "," : "");
    if (text != NULL) {
        fwrite(text, 1, size, stdout);
    } else {
        static char letters[65536];
        memset(letters, 'x', sizeof letters);
        for (size_t left = size; left > 0;) {
            const size_t now = left < sizeof letters ? left : sizeof letters;
            fwrite(letters, 1, now, stdout);
            left -= now;
        }
    }
    fputs("\"}]}}\n", stdout);
}

static void notify(slice id, slice params, long count, size_t size, bool modern) {
    const slice token = value_of(params, "progressToken");
    static char message[65536];
    if (size >= sizeof message) {
        say_error(id, -32602, "size is above 65535");
        return;
    }
    memset(message, 'x', size);
    message[size] = 0;
    for (long number = 1; number <= count; ++number) {
        if (token.size > 0) {
            printf(
                "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":"
                "{\"progressToken\":%.*s,\"progress\":%ld,\"total\":%ld,\"message\":\"%s\"}}\n",
                (int)token.size, token.at, number, count, message);
        } else {
            printf(
                "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":"
                "{\"level\":\"info\",\"data\":\"%ld of %ld %s\"}}\n",
                number, count, message);
        }
    }
    say_text(id, "notified", 8, modern);
}

static long long now_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void answer(slice line);

/* Other requests are answered meanwhile; a cancelled one is not answered at all. */
static void sleep_then_say(slice id, long milliseconds, bool modern) {
    char own_id[256];
    if (id.size >= sizeof own_id) {
        say_error(id, -32602, "the id is too long");
        return;
    }
    memcpy(own_id, id.at, id.size);
    id.at = own_id;
    fflush(stdout);
    const long long end = now_milliseconds() + milliseconds;
    for (;;) {
        const long long left = end - now_milliseconds();
        if (left <= 0) break;
        bool waited_out = false;
        const slice line = next_line((int)left, &waited_out);
        if (waited_out) break;
        const slice cancelled = value_of(line, "requestId");
        if (is_text(value_of(line, "method"), "notifications/cancelled") &&
            cancelled.size == id.size && memcmp(cancelled.at, id.at, id.size) == 0) {
            return;
        }
        answer(line);
        fflush(stdout);
    }
    say_text(id, "slept", 5, modern);
}

static void call_tool(slice id, slice params, bool modern) {
    const slice name = value_of(params, "name");
    const slice arguments = value_of(params, "arguments");
    if (is_text(name, "echo")) {
        const slice text = value_of(arguments, "text");
        if (text.size < 2) {
            say_error(id, -32602, "echo wants text");
        } else {
            say_text(id, text.at + 1, text.size - 2, modern);
        }
    } else if (is_text(name, "notify")) {
        notify(id, params, number_of(arguments, "count"), (size_t)number_of(arguments, "size"),
               modern);
    } else if (is_text(name, "big")) {
        say_text(id, NULL, (size_t)number_of(arguments, "size"), modern);
    } else if (is_text(name, "sleep")) {
        sleep_then_say(id, number_of(arguments, "milliseconds"), modern);
    } else if (is_text(name, "pid")) {
        char pid[24];
        snprintf(pid, sizeof pid, "%ld", (long)getpid());
        say_text(id, pid, strlen(pid), modern);
    } else if (is_text(name, "crash")) {
        raise(SIGKILL);
    } else {
        say_error(id, -32602, "there is no such tool");
    }
}

#define TOOL(name, property, type)                                                            \
    "{\"name\":\"" name "\",\"inputSchema\":{\"type\":\"object\",\"properties\":{\"" property \
    "\":{\"type\":\"" type "\"}}}}"

static void answer(slice line) {
    const slice method = value_of(line, "method");
    const slice id = value_of(line, "id");
    const slice params = value_of(line, "params");
    const bool modern =
        !legacy_only && is_text(value_of(line, "io.modelcontextprotocol/protocolVersion"), MODERN);
    if (id.size == 0 || method.size == 0) return; /* a notification, or an answer */
    if (is_text(method, "initialize")) {
        const slice version = value_of(params, "protocolVersion");
        printf(
            "{\"jsonrpc\":\"2.0\",\"id\":%.*s,\"result\":{\"protocolVersion\":%.*s,"
            "\"capabilities\":{\"tools\":{},\"logging\":{}},\"serverInfo\":" SERVER_INFO "}}\n",
            (int)id.size, id.at, version.size ? (int)version.size : 12,
            version.size ? version.at : "\"2025-11-25\"");
    } else if (is_text(method, "server/discover") && !legacy_only) {
        say(id, "\"result\":{\"resultType\":\"complete\",\"supportedVersions\":[\"" MODERN
                "\"],\"capabilities\":{\"tools\":{},\"logging\":{}},\"ttlMs\":0,"
                "\"cacheScope\":\"private\"," META_SERVER "}");
    } else if (is_text(method, "ping") || is_text(method, "logging/setLevel")) {
        say(id, "\"result\":{}");
    } else if (is_text(method, "tools/list")) {
        static const char tools[] = "\"tools\":[" TOOL("echo", "text", "string") "," TOOL(
            "notify", "count",
            "integer") "," TOOL("big", "size",
                                "integer") "," TOOL("sleep", "milliseconds",
                                                    "integer") "," TOOL("crash", "now",
                                                                        "boolean") "," TOOL("pid",
                                                                                            "of",
                                                                                            "strin"
                                                                                            "g") "]";
        printf(
            "{\"jsonrpc\":\"2.0\",\"id\":%.*s,\"result\":{%s%s}}\n", (int)id.size, id.at,
            modern
                ? "\"resultType\":\"complete\",\"ttlMs\":0,\"cacheScope\":\"private\"," META_SERVER
                  ","
                : "",
            tools);
    } else if (is_text(method, "tools/call")) {
        call_tool(id, params, modern);
    } else {
        say_error(id, -32601, "Method not found");
    }
}

int main(int count, char** arguments) {
    for (int i = 1; i < count; ++i) {
        const char* value = i + 1 < count ? arguments[i + 1] : "";
        if (strcmp(arguments[i], "--legacy") == 0) {
            legacy_only = true;
        } else if (strcmp(arguments[i], "--ignore-end") == 0) {
            ignore_end = true;
            signal(SIGTERM, SIG_IGN);
        } else if (strcmp(arguments[i], "--log") == 0) {
            fprintf(stderr, "%s\n", value);
            ++i;
        } else if (strcmp(arguments[i], "--slow-start") == 0) {
            poll(NULL, 0, atoi(value));
            ++i;
        } else {
            fprintf(stderr, "small_stdio_server: no option %s\n", arguments[i]);
            return 2;
        }
    }
    setvbuf(stdout, NULL, _IOFBF, 65536);
    for (;;) {
        bool waited_out = false;
        const slice line = next_line(-1, &waited_out);
        answer(line);
        fflush(stdout);
    }
}
