#include "core/upstream/stdio/outlet.h"

namespace postern::upstream {

void StdioOutlet::put(std::string_view text) {
    while (pieces_.empty() && !text.empty() && has_room()) {
        response_.body(text.substr(0, kPiece));
        text.remove_prefix(std::min(kPiece, text.size()));
    }
    held_ += text.size();
    while (!text.empty()) {
        if (pieces_.empty() || pieces_.back().size() >= kPiece) pieces_.emplace_back();
        std::string& last = pieces_.back();
        const std::string_view part = text.substr(0, kPiece - last.size());
        last.append(part);
        text.remove_prefix(part.size());
    }
}

void StdioOutlet::go_on() {
    while (!pieces_.empty() && has_room()) {
        const std::string piece = std::move(pieces_.front());
        pieces_.pop_front();
        held_ -= piece.size();
        passed_ += piece.size();
        response_.body(piece);
    }
}

}  // namespace postern::upstream
