#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace postern::mcp {

// Server-sent events as the WHATWG HTML standard has them (section 9.2), each whole and ready to be
// sent; to append is to stream.

// One event. Without an id the client's last one stays. Line ends within `data`, CR LF, LF or CR,
// begin a new data line; an id that holds one, or NUL, is left out.
void append_event(std::string& stream, std::string_view id, std::string_view data);

// An id with empty data: what 2025-11-25 opens a stream with, so that it can be resumed.
void append_priming_event(std::string& stream, std::string_view id);

// Ignored by clients: keeps the way open.
void append_comment(std::string& stream, std::string_view text);

// How long clients wait before they open the stream again.
void append_retry(std::string& stream, std::chrono::milliseconds wait);

}  // namespace postern::mcp
