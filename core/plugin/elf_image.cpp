#include "core/plugin/elf_image.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>

#include <elf.h>

namespace postern::plugin {
namespace {

#if defined(__x86_64__)
constexpr Elf64_Half kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half kMachine = EM_AARCH64;
#elif defined(__riscv)
constexpr Elf64_Half kMachine = EM_RISCV;
#elif defined(__powerpc64__)
constexpr Elf64_Half kMachine = EM_PPC64;
#elif defined(__s390x__)
constexpr Elf64_Half kMachine = EM_S390;
#else
#error "name this machine's ELF number here"
#endif

// Bounded reads: nothing past the end of the file, and copies, since offsets need not be aligned.
class Reader {
public:
    explicit Reader(ByteView file) : file_(file) {}

    template <class T>
    std::optional<T> at(std::uint64_t offset) const {
        if (offset > file_.size() || file_.size() - offset < sizeof(T)) return std::nullopt;
        T value;
        std::memcpy(&value, file_.data() + offset, sizeof value);
        return value;
    }

    template <class T>
    std::vector<T> table(std::uint64_t offset, std::uint64_t count) const {
        std::vector<T> rows;
        for (std::uint64_t i = 0; i < count; ++i) {
            if (i > file_.size() / sizeof(T)) break;
            const auto row = at<T>(offset + i * sizeof(T));
            if (!row) break;
            rows.push_back(*row);
        }
        return rows;
    }

    // NUL-terminated within [base, base + limit).
    std::string text(std::uint64_t base, std::uint64_t limit, std::uint64_t offset) const {
        if (base > file_.size() || limit > file_.size() - base || offset >= limit) return {};
        const std::string_view bytes = as_text(file_.subspan(base + offset, limit - offset));
        return std::string(bytes.substr(0, bytes.find('\0')));
    }

private:
    ByteView file_;
};

struct Layout {
    Elf64_Ehdr header{};
    std::vector<Elf64_Phdr> segments;
    std::vector<Elf64_Dyn> dynamic;
};

Result<Layout> read_layout(const Reader& reader) {
    const auto header = reader.at<Elf64_Ehdr>(0);
    if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) {
        return configuration_error("is not an ELF file; a plugin is a shared object");
    }
    if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_machine != kMachine) {
        return configuration_error("is built for another machine than this one");
    }
    if (header->e_type != ET_DYN) {
        return configuration_error("is not a shared object; link it with -shared");
    }
    Layout layout;
    layout.header = *header;
    if (header->e_phentsize == sizeof(Elf64_Phdr)) {
        layout.segments = reader.table<Elf64_Phdr>(header->e_phoff, header->e_phnum);
    }
    if (layout.segments.empty() || layout.segments.size() != header->e_phnum) {
        return configuration_error("is a damaged ELF file: its program headers are cut off");
    }
    for (const Elf64_Phdr& segment : layout.segments) {
        if (segment.p_type != PT_DYNAMIC) continue;
        layout.dynamic =
            reader.table<Elf64_Dyn>(segment.p_offset, segment.p_filesz / sizeof(Elf64_Dyn));
    }
    return layout;
}

Result<void> check_segments(const Layout& layout, std::uint64_t file_size) {
    bool stack_seen = false;
    for (const Elf64_Phdr& segment : layout.segments) {
        // The dynamic loader maps what is not there and dies of it.
        if (segment.p_offset > file_size || segment.p_filesz > file_size - segment.p_offset) {
            return configuration_error("is a damaged ELF file: it is cut off");
        }
        const bool executable = (segment.p_flags & PF_X) != 0;
        if (segment.p_type == PT_GNU_STACK) {
            stack_seen = true;
            if (executable) {
                return configuration_error(
                    "asks for an executable stack; link it with -z noexecstack");
            }
        }
        if (segment.p_type == PT_LOAD && executable && (segment.p_flags & PF_W) != 0) {
            return configuration_error("has a segment that is writable and executable");
        }
    }
    // Without the header the loader gives an executable one.
    if (!stack_seen) {
        return configuration_error(
            "does not say that its stack is not executable; link it with -z noexecstack");
    }
    return {};
}

Result<void> check_relocations(const Layout& layout) {
    for (const Elf64_Dyn& entry : layout.dynamic) {
        if (entry.d_tag == DT_NULL) break;
        if (entry.d_tag == DT_TEXTREL ||
            (entry.d_tag == DT_FLAGS && (entry.d_un.d_val & DF_TEXTREL) != 0)) {
            return configuration_error("has text relocations; compile it with -fPIC");
        }
    }
    return {};
}

std::optional<std::uint64_t> file_offset(const Layout& layout, std::uint64_t address) {
    for (const Elf64_Phdr& segment : layout.segments) {
        if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
            address - segment.p_vaddr < segment.p_filesz) {
            return segment.p_offset + (address - segment.p_vaddr);
        }
    }
    return std::nullopt;
}

std::vector<std::string> search_paths(const Reader& reader, const Layout& layout) {
    std::optional<std::uint64_t> strings;
    std::uint64_t size = 0;
    for (const Elf64_Dyn& entry : layout.dynamic) {
        if (entry.d_tag == DT_STRTAB) strings = file_offset(layout, entry.d_un.d_ptr);
        if (entry.d_tag == DT_STRSZ) size = entry.d_un.d_val;
    }
    std::vector<std::string> paths;
    if (!strings) return paths;
    for (const Elf64_Dyn& entry : layout.dynamic) {
        if (entry.d_tag == DT_NULL) break;
        if (entry.d_tag != DT_RPATH && entry.d_tag != DT_RUNPATH) continue;
        std::string list = reader.text(*strings, size, entry.d_un.d_val);
        for (std::size_t start = 0; start <= list.size();) {
            const std::size_t colon = std::min(list.find(':', start), list.size());
            paths.push_back(list.substr(start, colon - start));
            start = colon + 1;
        }
    }
    return paths;
}

bool is_exported(const Elf64_Sym& symbol) {
    const auto binding = ELF64_ST_BIND(symbol.st_info);
    const auto visibility = ELF64_ST_VISIBILITY(symbol.st_other);
    const auto type = ELF64_ST_TYPE(symbol.st_info);
    return symbol.st_shndx != SHN_UNDEF && type != STT_SECTION && type != STT_FILE &&
           (binding == STB_GLOBAL || binding == STB_WEAK) &&
           (visibility == STV_DEFAULT || visibility == STV_PROTECTED);
}

std::vector<std::string> exported(const Reader& reader, const Layout& layout) {
    std::vector<std::string> names;
    if (layout.header.e_shentsize != sizeof(Elf64_Shdr)) return names;
    const auto sections = reader.table<Elf64_Shdr>(layout.header.e_shoff, layout.header.e_shnum);
    for (const Elf64_Shdr& section : sections) {
        if (section.sh_type != SHT_DYNSYM || section.sh_link >= sections.size()) continue;
        const Elf64_Shdr& strings = sections[section.sh_link];
        for (const Elf64_Sym& symbol :
             reader.table<Elf64_Sym>(section.sh_offset, section.sh_size / sizeof(Elf64_Sym))) {
            if (!is_exported(symbol)) continue;
            names.push_back(reader.text(strings.sh_offset, strings.sh_size, symbol.st_name));
        }
    }
    return names;
}

}  // namespace

Result<ElfImage> read_elf_image(ByteView file) {
    const Reader reader(file);
    auto layout = read_layout(reader);
    if (!layout) return layout.error();
    if (auto checked = check_segments(*layout, file.size()); !checked) return checked.error();
    if (auto checked = check_relocations(*layout); !checked) return checked.error();

    ElfImage image{exported(reader, *layout), search_paths(reader, *layout)};
    for (const std::string& path : image.search_paths) {
        if (path.empty() || (path.front() != '/' && path.front() != '$')) {
            return configuration_error("looks for libraries in the relative folder \"" + path +
                                       "\"; link it without that -rpath");
        }
    }
    return image;
}

}  // namespace postern::plugin
