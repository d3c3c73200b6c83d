from lib import *
import openpyxl, xlwt
from openpyxl.utils import get_column_letter as L
S="select t.source_id,v.name,v.lead,v.status,v.assigned_on,v.due_on,v.completed_on from task t join task_version v on v.task_id=t.id and v.until is null"
def show(n,d,f,*a,cut=1500):
    mt(d+'/'+f,'2026-11-20 08:00'); p=run(d,'import',f,*a,show=0,timeout=100); print('#####',n,p.returncode); print(p.stdout[:cut], p.stderr[-400:] if p.returncode not in (0,65) else ''); 
    try:
        for r in q(d,S): print('   ',r)
    except Exception as e: print(e)
# 1 dirty xlsx
d=box('k1'); wb=openpyxl.Workbook(); ws=wb.active; ws.title='DS'
ws['A1']='UBND TỈNH LẠNG SƠN'; ws['E1']='CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM'; ws.merge_cells('A1:C1'); ws.merge_cells('E1:H1')
ws['A3']='DANH SÁCH NHIỆM VỤ'; ws.merge_cells('A3:I3'); ws['A4']='(Tính đến 08:00 ngày 19/11/2026)'
hd=['STT','Tên nhiệm vụ','','Văn bản giao','','Người giao','Cơ quan chủ trì','Thời gian','','Kết quả thực hiện','Ghi chú']; h2=['','','','Số','Ngày','','','Ngày giao','Hạn hoàn thành','','']
ws.append([]) if 0 else None
for i,x in enumerate(hd,1): ws.cell(6,i,x or None)
for i,x in enumerate(h2,1): ws.cell(7,i,x or None)
for r in ('A6:A7','B6:C7','D6:E6','F6:F7','G6:G7','H6:I6','J6:J7','K6:K7'): ws.merge_cells(r)
for i in range(1,12): ws.cell(8,i,f'({i})')
ws['A9']='I'; ws['B9']='Sở Tài chính'; ws.merge_cells('B9:K9')
ws.append([1,'Việc một của tỉnh',None,'12/UBND-TH','01/10/2026','UBND tỉnh','Sở Tài chính',dt.datetime(2026,10,2),dt.datetime(2026,11,30),'Đang thực hiện','x'])
ws.append([2,'Việc hai của tỉnh',None,'13/UBND-TH',46300,'UBND tỉnh','=G10',dt.datetime(2026,10,2),'#REF!','Đang thực hiện','x'])
ws.append([3,'Việc ba của tỉnh',None,'14/UBND-TH','01/10/2026','UBND tỉnh','Sở Y tế','02/10/2026','30/11/2026 00:00:00','Hoàn thành quá hạn',None])
ws.append([4,'Việc bốn của tỉnh',None,'15/UBND-TH','01/10/2026','UBND tỉnh','Sở Y tế','02/10/2026',None,'Lạ hoắc',None])
ws.append(['Tổng cộng: 5 nhiệm vụ']); ws.append([None]); ws.append(['Ghi chú: các nhiệm vụ trên tính từ 01/10/2026']); ws.append([None,None,None,None,None,None,None,'Lạng Sơn, ngày 20 tháng 11 năm 2026']); ws.append([None,None,None,None,None,None,None,'NGƯỜI LẬP BIỂU']); ws.append([None]*7+['Nguyễn Văn A'])
h=wb.create_sheet('Ẩn'); h.sheet_state='hidden'; h.append(['STT','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Hạn hoàn thành']); h.append([1,'Việc ẩn','UBND tỉnh','Sở Y tế','01/12/2026'])
w3=wb.create_sheet('Ghi chú'); w3.append(['Tài liệu hướng dẫn'])
wb.save(d+'/x.xlsx'); show('dirty',d,'x.xlsx',cut=4000)
# 2 two columns for one field; synonyms; unknown header
d=box('k2'); xlsx(d+'/x.xlsx',[['STT','Tên nhiệm vụ','Nội dung nhiệm vụ','Người giao','Đơn vị chủ trì','Hạn hoàn thành','Trạng thái'],[1,'a','b','UBND tỉnh','Sở Y tế','01/12/2026','Đang thực hiện']]); show('double',d,'x.xlsx')
# Ngày bắt đầu only + ngày hoàn thành future; completed before assigned; done label w/o date; label open with date
d=box('k3'); xlsx(d+'/x.xlsx',[['STT','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Ngày giao','Hạn hoàn thành','Trạng thái','Ngày hoàn thành'],
 [1,'việc a tỉnh','UBND tỉnh','Sở Y tế','01/11/2026','05/11/2026','Đang thực hiện','03/11/2026'],[2,'việc b tỉnh','UBND tỉnh','Sở Y tế','01/11/2026','05/11/2026','Đã hoàn thành','25/12/2026'],[3,'việc c tỉnh','UBND tỉnh','Sở Y tế','01/11/2026','05/11/2026','Đã hoàn thành','01/10/2026'],[4,'việc d tỉnh','UBND tỉnh','Sở Y tế','01/11/2026','05/11/2026','Quá hạn',''],[5,'việc e tỉnh','UBND tỉnh','Sở Y tế','01/11/2026','05/11/2026','',''],[6,'việc f tỉnh','UBND tỉnh','Sở Y tế','01/11/2026','05/11/2026','Chưa hoàn thành','x']]); show('compl',d,'x.xlsx',cut=3000); run(d,'detect'); print(q(d,"select rule,subject_id,agency from finding"))
