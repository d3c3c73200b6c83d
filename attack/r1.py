from lib import *
import unicodedata
U="àảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵăâêôơưđĂÂÊÔƠƯĐ"
A="µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ¨©ª«¬\u00ad®¡¢£¤¥¦§"
assert len(U)==len(A),(len(U),len(A))
M=dict(zip(U,A))
t3=lambda s:''.join(M.get(c,M.get(c.lower(),c) if c not in M else c) for c in unicodedata.normalize('NFC',s))
S="select v.name,v.assigner,v.lead,v.status,v.due_on from task t join task_version v on v.task_id=t.id and v.until is null order by 1"
H=['STT','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Ngày giao','Hạn hoàn thành','Trạng thái']
R=[[1,'Đôn đốc thực hiện kế hoạch cải cách hành chính','UBND tỉnh','Sở Y tế','01/11/2026','05/12/2026','Đang thực hiện'],[2,'Rà soát, bổ sung quy hoạch sử dụng đất','UBND tỉnh','Sở Kế hoạch và Đầu tư','01/11/2026','05/12/2026','Đã hoàn thành']]
def go(n,rows):
    d=box(n); xlsx(d+'/x.xlsx',rows); mt(d+'/x.xlsx','2026-11-20 08:00'); p=run(d,'import','x.xlsx',show=0); print('##',n,p.returncode,p.stdout[:1100] if p.returncode or 'Cần xem' in p.stdout else 'ok'); 
    for r in q(d,S): print('   ',r)
go('r_t3_all',[[t3(str(c)) for c in r] for r in [H]+R])
go('r_t3_vals',[H]+[[t3(c) if isinstance(c,str) else c for c in r] for r in R])
go('r_t3_onecol',[H]+[[c if j!=3 else t3(c) for j,c in enumerate(r)] for r in R])
go('r_t3_mixrows',[H,R[0],[t3(c) if isinstance(c,str) else c for c in R[1]]])
go('r_t3_short',[H,[1,t3('Họp giao ban'),'UBND tỉnh',t3('Sở Y tế'),'01/11/2026','05/12/2026','Đang thực hiện']])
# documents
SD="select t.source_id,v.* from document t join document_version v on v.document_id=t.id and v.until is null"
def doc(n,rows,mtime='2026-11-20 08:00',d=None,f='x.xlsx'):
    d=d or box(n); xlsx(d+'/'+f,rows); mt(d+'/'+f,mtime); p=run(d,'import',f,show=0); print('##',n,p.returncode,p.stdout[:1500]); return d
HD=['STT','Trích yếu','Số ký hiệu','Văn bản ký số','Ngày ban hành','Đơn vị ban hành','NGUOI_KY_CHINH']
d=doc('r_doc',[['DANH SÁCH VĂN BẢN ĐI'],HD,[1,'V/v đôn đốc','15/UBND-TH','Đã ký số','05/11/2026','UBND tỉnh','A'],[2,'V/v đôn đốc bổ sung','15/UBND-TH','Chưa ký','05/11/2026','UBND tỉnh','A'],[3,'Quyết định','undefined','x','05/11/2026','UBND tỉnh','A'],[4,'Tuyệt mật','16/UBND-TH','đóng dấu x','','UBND tỉnh','A'],[5,'K','17&amp;18/UBND','1','05/11/2026','UBND tỉnh','A']])
print(q(d,"select t.source_id,v.notation,v.subject,v.issued_on from document t join document_version v on v.document_id=t.id"))
d=doc('r_doc2',[['Số đến','Trích yếu','Số ký hiệu','Ngày đến','Ngày văn bản','Cơ quan ban hành','Hạn xử lý','Độ mật'],[1,'a','15/UBND-TH','06/11/2026','05/11/2026','UBND tỉnh','09/11/2026','Mật'],[2,'b','16/BTC','06/11/2026','','Bộ Tài chính','','Thường']])
print(q(d,"select t.source_id,v.notation,v.subject,v.issued_on,v.secret,v.outgoing from document t join document_version v on v.document_id=t.id")); run(d,'quarantine','show','1')
